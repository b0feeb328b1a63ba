import { describe, expect, test } from 'vitest'
import { FIRST_SCREEN, screenAfter, titleOf, wouldStrand } from './page-state.ts'
import type { Fact, Screen } from './page-state.ts'
import type { LogEntry, Seen } from './room-state.ts'

const seen = (id: string, claimedName: string, more: Partial<Seen> = {}): Seen => ({
  id,
  claimedName,
  isHost: false,
  isSelf: false,
  path: 'direct',
  presence: 'here',
  ...more,
})
const HOST = seen('h', 'Hanna', { isHost: true, isSelf: true, path: 'self' })
const ADA = seen('a', 'Ada')
const GRACE = seen('g', 'Grace', { isSelf: true, path: 'self' })
const REMOTE_HOST = seen('h', 'Hanna', { isHost: true })

const DOOR = { mode: 'knock', capacity: 64, password: '' } as const

const after = (screen: Screen, ...facts: readonly Fact[]): Screen => facts.reduce(screenAfter, screen)
const hosting = after(
  FIRST_SCREEN,
  { type: 'openingBegan', what: 'starting' },
  { type: 'hosted', session: 'calm-otter-4821', members: [HOST], door: DOOR, resumable: false },
)
const invited = after(FIRST_SCREEN, { type: 'arrived', at: { kind: 'session', session: 'calm-otter-4821' } })
const waiting = after(invited, { type: 'askingBegan', session: 'calm-otter-4821', name: 'Grace' })
const joined = after(waiting, { type: 'admitted', session: 'calm-otter-4821', members: [REMOTE_HOST, GRACE] })
const closedBy = (cause: 'ended' | 'removed' | 'left', initiator: 'root' | 'self', text = ''): Fact => ({
  type: 'closed',
  ending: { name: 'NO_ERROR', cause, initiator, text },
})
const logOf = (screen: Screen): readonly LogEntry[] => ('room' in screen ? (screen.room?.log ?? []) : [])
const noticesOf = (screen: Screen): readonly string[] =>
  logOf(screen).flatMap((entry) => (entry.kind === 'notice' ? [entry.text] : []))

describe('ways between screens', () => {
  test('[E5] a link leads before the door, a broken one says so', () => {
    expect(invited).toEqual({ kind: 'invited', session: 'calm-otter-4821', password: 'unasked' })
    expect(after(FIRST_SCREEN, { type: 'arrived', at: { kind: 'broken-link' } })).toMatchObject({ kind: 'start' })
  })

  test('[E5] who waits may give up, and stands before the door again', () => {
    expect(after(waiting, { type: 'gaveUp' })).toEqual(invited)
  })

  test('[E5] where a password is asked for, one stands before the door again, and is told when it was wrong', () => {
    const asked = after(waiting, { type: 'passwordAsked', wrong: false })
    expect(asked).toEqual({ ...invited, password: 'asked' })
    const again = after(asked, { type: 'askingBegan', session: 'calm-otter-4821', name: 'Grace' })
    expect(after(again, { type: 'gaveUp' })).toEqual(asked)
    expect(after(again, { type: 'passwordAsked', wrong: true })).toEqual({ ...invited, password: 'wrong' })
    expect(after(joined, { type: 'passwordAsked', wrong: true })).toBe(joined)
  })

  test('[E5] the host sees how the door stands', () => {
    const door = { mode: 'locked', capacity: 3, password: 'sesame' } as const
    expect(after(hosting, { type: 'doorChanged', door })).toEqual({ ...hosting, door })
    expect(after(joined, { type: 'doorChanged', door })).toBe(joined)
  })

  test('[E2] a refusal is told with what can be done', () => {
    const account = { title: 'The host did not let you in', detail: '', word: 'full' }
    const refused = after(waiting, { type: 'failed', account, askAgain: 'calm-otter-4821' })
    expect(refused).toEqual({ kind: 'over', account, askAgain: 'calm-otter-4821', room: null })
  })

  test('[E4] the address bar does not lead out of a session, a request or an opening', () => {
    const elsewhere: Fact = { type: 'arrived', at: { kind: 'session', session: 'other' } }
    for (const screen of [hosting, joined, waiting]) expect(after(screen, elsewhere)).toBe(screen)
  })

  test('[E2] what comes too late changes nothing', () => {
    const tooLate: readonly Fact[] = [
      { type: 'admitted', session: 's', members: [] },
      { type: 'hosted', session: 's', members: [], door: DOOR, resumable: false },
      { type: 'failed', account: { title: '', detail: '', word: '' }, askAgain: null },
      { type: 'membersChanged', members: [] },
      closedBy('ended', 'root'),
    ]
    for (const fact of tooLate) expect(after(invited, fact)).toBe(invited)
  })
})

describe('the end', () => {
  test('[E2] a removed guest may ask again, and reads what was said before', () => {
    const removed = after(
      joined,
      { type: 'textCame', from: REMOTE_HOST, text: 'hello', aside: false, at: 1 },
      closedBy('removed', 'root', 'be kind'),
    )
    expect(removed).toMatchObject({ kind: 'over', askAgain: 'calm-otter-4821', account: { word: 'be kind' } })
    expect(logOf(removed)).toHaveLength(1)
  })

  test('[E2] a guest who left may come back', () => {
    const left = after(joined, { type: 'departingBegan' }, closedBy('left', 'self'))
    expect(left).toMatchObject({
      kind: 'over',
      askAgain: 'calm-otter-4821',
      account: { title: 'You left the session' },
    })
  })

  test('[E2] nobody asks again for a session that has ended', () => {
    expect(after(joined, closedBy('ended', 'root'))).toMatchObject({ kind: 'over', askAgain: null })
    expect(after(hosting, { type: 'departingBegan' }, closedBy('ended', 'self'))).toMatchObject({ askAgain: null })
  })

  test('[E2] the first end counts', () => {
    const over = after(joined, closedBy('removed', 'root'))
    expect(after(over, closedBy('left', 'self'))).toBe(over)
  })

  test('[C149] the FD_CLOSE that comes with the end is still listed', () => {
    const event = {
      event: 'FD_CLOSE',
      socket: 'leaf',
      code: 0,
      name: 'NO_ERROR',
      cause: 'ended',
      initiator: 'root',
      text: '',
      at: 1,
    } as const
    const over = after(joined, closedBy('ended', 'root'), { type: 'eventSeen', event })
    expect(over.kind === 'over' && over.room?.events).toMatchObject([{ event: 'FD_CLOSE', socket: 'leaf' }])
  })
})

describe('the door', () => {
  test('[E1] who waits keeps the time of asking while others come and go', () => {
    const door = after(
      hosting,
      { type: 'knocksChanged', knocks: [{ id: 1, name: 'Ada' }], at: 10 },
      {
        type: 'knocksChanged',
        knocks: [
          { id: 1, name: 'Ada' },
          { id: 2, name: 'Bob' },
        ],
        at: 20,
      },
    )
    expect(door).toMatchObject({ knocks: [{ at: 10 }, { at: 20 }] })
    expect(titleOf(door)).toBe('(2) calm-otter-4821 · joinleaf')
  })

  test('[E4] a host with guests would strand them by closing the page, alone nobody', () => {
    expect(wouldStrand(hosting)).toBe(false)
    expect(wouldStrand(after(hosting, { type: 'membersChanged', members: [HOST, ADA] }))).toBe(true)
    expect(wouldStrand(joined)).toBe(false)
  })

  test('[E4] a host whose next page can come back strands nobody', () => {
    const kept = after(
      FIRST_SCREEN,
      { type: 'openingBegan', what: 'starting' },
      { type: 'hosted', session: 's', members: [HOST, ADA], door: DOOR, resumable: true },
    )
    expect(wouldStrand(kept)).toBe(false)
  })

  test('[E4] the next page of a host comes back to its session, or says that it is too late', () => {
    const coming = after(FIRST_SCREEN, { type: 'openingBegan', what: 'coming back' })
    expect(coming).toEqual({ kind: 'opening', what: 'coming back' })
    expect(after(coming, { type: 'cameTooLate' })).toMatchObject({ kind: 'start', note: expect.stringMatching(/over/) })
    expect(after(hosting, { type: 'cameTooLate' })).toBe(hosting)
    const back = after(
      coming,
      { type: 'hosted', session: 's', members: [HOST, ADA], door: DOOR, resumable: true },
      { type: 'cameBack', at: 5 },
    )
    expect(back).toMatchObject({ kind: 'hosting', room: { log: [{ text: expect.stringMatching(/^You are back/) }] } })
  })

  test('[E4] a guest reads that the host is away, and that it is back; others come back without a word', () => {
    const suspectBack = after(joined, { type: 'memberBack', member: REMOTE_HOST, at: 6 })
    expect(suspectBack).toEqual(joined)
    const away = after(joined, { type: 'hostAway', member: REMOTE_HOST, at: 7 })
    expect(away).toMatchObject({ room: { isHostAway: true, log: [{ text: expect.stringMatching(/went away$/) }] } })
    const back = after(away, { type: 'memberBack', member: REMOTE_HOST, at: 8 })
    expect(back).toMatchObject({ room: { isHostAway: false } })
  })
})

describe('people', () => {
  test('[E3] comings and goings are noticed by name and cause', () => {
    const screen = after(
      hosting,
      { type: 'memberJoined', member: ADA, at: 1 },
      { type: 'membersChanged', members: [HOST, ADA] },
      { type: 'membersChanged', members: [HOST] },
      { type: 'memberLeft', member: ADA, why: { name: '', cause: 'crashed', initiator: 'network', text: '' }, at: 2 },
    )
    expect(noticesOf(screen)).toEqual(['Ada joined', 'Ada’s page crashed or lost its power'])
  })

  test('[E3] two of one name are told apart, and each keeps its name', () => {
    const second = seen('b', 'Ada')
    const both = after(hosting, { type: 'membersChanged', members: [HOST, ADA, second] })
    const one = after(both, { type: 'membersChanged', members: [HOST, second] })
    expect(one).toMatchObject({ room: { people: [{ name: 'Hanna' }, { name: 'Ada (2)' }] } })
  })

  test('[E3] who comes back under the same name gets it back', () => {
    const screen = after(
      hosting,
      { type: 'membersChanged', members: [HOST, ADA] },
      { type: 'membersChanged', members: [HOST] },
      { type: 'membersChanged', members: [HOST, seen('a2', 'Ada')] },
    )
    expect(screen).toMatchObject({ room: { people: [{ name: 'Hanna' }, { name: 'Ada' }] } })
  })
})

describe('what is said', () => {
  test('[D33] a whisper says to whom it goes', () => {
    const screen = after(
      hosting,
      { type: 'membersChanged', members: [HOST, ADA] },
      { type: 'textSaid', text: 'psst', to: 'a', at: 1 },
      { type: 'textCame', from: ADA, text: 'yes?', aside: true, at: 2 },
    )
    expect(logOf(screen)).toMatchObject([
      { text: 'psst', only: 'only to Ada', author: { isSelf: true } },
      { text: 'yes?', only: 'only to you', author: { name: 'Ada' } },
    ])
  })

  test('[E6] what cannot be read is noted with its sender', () => {
    expect(noticesOf(after(joined, { type: 'unreadableCame', from: REMOTE_HOST, at: 1 }))).toEqual([
      'Hanna sent something that this page cannot show',
    ])
  })

  test('[E8] a file on its way tells how far it is, and how it went', () => {
    const began = after(joined, { type: 'uploadBegan', file: 1, name: 'a.pdf', size: 9, of: 2, at: 1 })
    const moved = after(began, { type: 'uploadMoved', file: 1, bytes: 4 })
    expect(logOf(moved)).toMatchObject([{ progress: { kind: 'sending', bytes: 4 } }])
    const over = after(moved, { type: 'uploadOver', file: 1, got: 1, why: 'declined' })
    expect(logOf(over)).toMatchObject([{ of: 2, progress: { kind: 'over', got: 1, why: 'declined' } }])
    const refused = after(joined, { type: 'fileRefused', text: 'a.pdf was not sent', at: 2 })
    expect(noticesOf(refused)).toEqual(['a.pdf was not sent'])
  })

  test('[E8] a file that is offered is taken or not, and what is over stays over', () => {
    const offered = after(joined, { type: 'fileOffered', from: REMOTE_HOST, file: 1, name: 'a', size: 9, at: 1 })
    expect(logOf(offered)).toMatchObject([{ state: { kind: 'offered' }, author: { name: 'Hanna' } }])
    const coming = after(offered, { type: 'fileMoved', file: 1, bytes: 5 })
    expect(logOf(coming)).toMatchObject([{ state: { kind: 'coming', bytes: 5 } }])
    const stopped = after(coming, { type: 'fileNotHere', file: 1, why: 'you stopped it' })
    expect(logOf(after(stopped, { type: 'fileMoved', file: 1, bytes: 6 }))).toMatchObject([
      { state: { kind: 'not-here', why: 'you stopped it' } },
    ])
    const content = new Blob(['x'])
    expect(logOf(after(coming, { type: 'fileHere', file: 1, content }))).toMatchObject([{ state: { content } }])
  })

  test('[E8] a flood fills neither the log nor the memory', () => {
    const flood = Array.from({ length: 1_200 }, (_, at): Fact => ({ type: 'unreadableCame', from: REMOTE_HOST, at }))
    expect(logOf(after(joined, ...flood))).toHaveLength(1_000)
    const content = new Blob([new Uint8Array(2 ** 24)])
    const files = Array.from({ length: 20 }, (_, file): readonly Fact[] => [
      { type: 'fileOffered', from: REMOTE_HOST, file, name: `${file}`, size: 2 ** 24, at: file },
      { type: 'fileHere', file, content },
    ])
    const kept = logOf(after(joined, ...files.flat())).filter(
      (entry) => entry.kind === 'file' && entry.state.kind === 'here',
    )
    expect(kept.map((entry) => entry.kind === 'file' && entry.name)).toEqual(
      Array.from({ length: 16 }, (_, index) => `${index + 4}`),
    )
  })
})
