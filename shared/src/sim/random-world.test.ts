// Random worlds: some at every run, those that once failed by name. `npm run simulate` lives through thousands.

import { expect, test } from 'vitest'
import type { SessionInput, SessionState } from '../core/session-state.ts'
import { sessionTransition } from '../core/session.ts'
import type { SocketInput } from '../core/socket-calls.ts'
import type { SocketState } from '../core/socket-state.ts'
import { socketTransition } from '../core/socket.ts'
import { requestId } from '../protocol/ids.ts'
import { REAL } from './explore/components.ts'
import type { Machines } from './explore/components.ts'
import { RandomSource } from './random-source.ts'
import { RandomWorld } from './random-world.ts'
import type { Story } from './random-world-stage.ts'
import { live } from './random-world-story.ts'
import type { Failure } from './random-world-story.ts'

const WORLDS = 150
const whole = (seed: number): Story => ({ seed, members: null, kept: null })

/** Worlds that once failed, and what they found. When acts are added, a seed tells another story: the bugs have tests of their own. */
const FOUND: readonly (readonly [found: string, story: Story])[] = [
  [
    'with two sessions, the invariants judged a request by the other session',
    { seed: 2_002_545, members: 11, kept: [79, 102, 105] },
  ],
  ['a root that had banned a member told a restarted server of it', { seed: 20_083, members: 4, kept: [43, 44] }],
  [
    'a root asked for another door before it had told of its session, and was never answered',
    { seed: 20_075, members: 2, kept: [26, 31, 33, 34] },
  ],
  ['a root that came back to a session already over was left in it', { seed: 369_489_081, members: 3, kept: [37, 39] }],
  [
    'a root that had lost its server before it had its claim came back to one that had forgotten its session',
    { seed: 700_000_205, members: 5, kept: [19, 20] },
  ],
  [
    'the simulated server welcomed a page that had crashed while it dialed, and kept its request for ever',
    { seed: 80_173, members: 2, kept: [4, 12, 13, 15] },
  ],
]

function expectSound(story: Story): void {
  const { failure } = live(story)
  if (failure === null) return
  const { seed, members, kept } = failure.story
  const again = `npm run simulate -- --seed ${seed} --members ${members} --kept ${kept?.join(',')}`
  expect.fail(`${failure.wrong}\n\nto see it again: ${again}\n\n${failure.trace.join('\n')}`)
}

test('[A3] the same seed gives the same world', () => {
  const traces = [7, 7].map((seed) => {
    const world = new RandomWorld(whole(seed), { told: true })
    world.run()
    return world.trace
  })
  expect(traces[0]).toEqual(traces[1])
  expect(new RandomSource(1).next()).toBeCloseTo(0.627, 3)
})

test('[E3] random worlds keep the invariants, and nothing is left behind', { timeout: 600_000 }, () => {
  for (let seed = 1; seed <= WORLDS; seed++) expectSound(whole(seed))
})

test.each(FOUND)('[E3] a world that once found: %s', (_, story) => expectSound(story))

// Bugs put into the machines by hand: random worlds must find them, and soon.

function found(change: Partial<Machines>): Failure {
  const machines = { ...REAL, ...change }
  for (let seed = 1; seed <= 200; seed++) {
    const { failure } = live(whole(seed), machines)
    if (failure !== null) return failure
  }
  return expect.fail('no world has found it')
}

test('[C162] an FD_CLOSE that is told twice is found, and its story is short', { timeout: 60_000 }, () => {
  const socket = (state: SocketState, input: SocketInput) => {
    const step = socketTransition(state, input)
    const close = step.effects.find((effect) => effect.type === 'raise' && effect.event === 'FD_CLOSE')
    return close === undefined ? step : { ...step, effects: [...step.effects, close] }
  }
  const { wrong, story, trace } = found({ socket })
  expect(wrong).toMatch(/FD_CLOSE/)
  expect(story.kept?.length).toBeLessThan(8)
  expect(trace.at(-1)).toMatch(/FD_CLOSE/)
  // The shorter story is about the same, if perhaps on another descriptor.
  const kind = (what: string | undefined): string | undefined => what?.split('\n')[0]?.replaceAll(/\d+/g, 'n')
  expect(kind(live(story, { ...REAL, socket }).failure?.wrong)).toBe(kind(wrong))
})

test('[E3] an epoch that is skipped is found', { timeout: 60_000 }, () => {
  const session = (state: SessionState, input: SessionInput) => {
    const step = sessionTransition(state, input)
    const isLeave = input.type === 'said' && input.message.type === 'leave' && step.state.kind === 'bound'
    return isLeave ? { ...step, state: { ...step.state, epoch: step.state.epoch + 1 } } : step
  }
  expect(found({ session }).wrong).toMatch(/epoch/)
})

test('[C177] a stranger whose accept is let through is found', { timeout: 60_000 }, () => {
  const session = (state: SessionState, input: SessionInput) =>
    input.type === 'said' && input.message.type === 'join' && state.kind === 'bound' && state.backlog !== null
      ? sessionTransition(sessionTransition(state, input).state, {
          type: 'said',
          from: state.root,
          address: null,
          at: input.at,
          message: {
            type: 'admit',
            session: state.name,
            request: requestId(state.nextRequest),
            role: input.message.role,
            data: null,
          },
        })
      : sessionTransition(state, input)
  expect(found({ session }).wrong).toMatch(/nobody let it in/)
})

test('[C103] a message that is lost on its way is found', { timeout: 60_000 }, () => {
  const socket = (state: SocketState, input: SocketInput) => {
    const isLost = input.type === 'arrived' && input.messages[0]?.bytes.at(-1) === '3'.charCodeAt(0)
    return isLost ? { state, effects: [] } : socketTransition(state, input)
  }
  expect(found({ socket }).wrong).toMatch(/has not reached|after #/)
})
