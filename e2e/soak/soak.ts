// The soak: a session of six under traffic from all to all, to whom things happen that are drawn from a seed, for as long
// as one likes. After each fault and at the end everybody must agree; every message must have come once, in order, whole;
// and nobody may have been told of a departure that was none, or of one that was under another name.

import { parseArgs } from 'node:util'
import { RandomSource } from '@joinleaf/shared/sim'
import config from '../playwright.config.ts'
import { Crew, pause } from './crew.ts'
import { drawFault } from './faults.ts'
import type { Report } from './traffic.ts'

const USAGE = 'npm run soak -- [--seed N] [--minutes 20]'
/** After a fault: how long it may take until all are linked again. A redial, a resume and a server's start are in it. */
const AGREE_MS = 40_000
const LOOK_MS = 200
/** Between two faults, at most; some come while the last one still works. */
const LULL_MS = 4_000

export async function soak(args: readonly string[], browserPath: string): Promise<boolean> {
  const { seed, minutes } = parsed(args)
  console.log(`seed ${seed}: replay with npm run soak -- --seed ${seed} --minutes ${minutes}`)
  const crew = await Crew.muster({ ...config.use?.launchOptions, executablePath: browserPath })
  const began = Date.now()
  const random = new RandomSource(seed)
  let faults = 0
  try {
    await agreement(crew)
    while (Date.now() - began < minutes * 60_000) {
      const fault = drawFault(random)
      console.log(`${stamp(began)} ${++faults}. ${fault.name}`)
      await fault.befall(crew, random)
      // Now and then the next one comes before all is well again.
      if (random.chance(0.7)) {
        await agreement(crew)
        assertNone(await wrongs(crew))
      }
      await pause(random.below(LULL_MS))
    }
    await agreement(crew)
    await crew.talk(false)
    const reports = await settled(crew)
    assertNone([...(await wrongs(crew)), ...incomplete(reports), ...cutShort(crew, reports)])
    const messages = reports.reduce(
      (sum, { streams }) => sum + streams.reduce((n, { first, last }) => n + last - first + 1, 0),
      0,
    )
    console.log(
      `${stamp(began)} ${faults} faults, ${crew.gone.length} departures, ${messages} messages checked at those who are here now: all well`,
    )
    return true
  } catch (error) {
    console.error(`${stamp(began)} ${error instanceof Error ? error.message : String(error)}`)
    for (const report of await crew.reports().catch(() => [])) console.error(JSON.stringify(report))
    console.error(`replay with: npm run soak -- --seed ${seed} --minutes ${minutes}`)
    return false
  } finally {
    await crew.dismiss()
  }
}

/** All have the same roster, of as many as there are, and each is linked to each. */
async function agreement(crew: Crew): Promise<void> {
  const until = Date.now() + AGREE_MS
  let last: readonly Report[] = []
  while (Date.now() < until) {
    last = await crew.reports()
    if (agree(last)) return
    await pause(LOOK_MS)
  }
  throw new Error(
    `no agreement within ${AGREE_MS} ms:\n${last.map(({ name, roster, closed }) => `  ${name} (${closed ?? 'open'}): ${roster.join(', ')}`).join('\n')}`,
  )
}

function agree(reports: readonly Report[]): boolean {
  const rosters = new Set(reports.map(({ roster }) => roster.map((member) => member.split(' ')[0]).join()))
  const linked = reports.every(({ roster }) =>
    roster.every((member) => !member.includes(' ') || member.endsWith(' direct')),
  )
  return (
    rosters.size === 1 &&
    linked &&
    reports.every(({ roster, closed }) => roster.length === reports.length && closed === null)
  )
}

/** Until nothing new arrives any more. */
async function settled(crew: Crew): Promise<readonly Report[]> {
  let before = ''
  for (;;) {
    const reports = await crew.reports()
    const now = JSON.stringify(reports)
    if (now === before) return reports
    before = now
    await pause(2_000)
  }
}

/** What may never be, at any time. */
async function wrongs(crew: Crew): Promise<readonly string[]> {
  const reports = await crew.reports()
  const found: string[] = []
  for (const { name, streams, left, closed } of reports) {
    if (closed !== null) found.push(`${name} is out: ${closed}`)
    for (const { sender, faults } of streams) for (const fault of faults) found.push(`${name} from ${sender}: ${fault}`)
    for (const told of left) {
      const [who, cause = ''] = told.split(' ')
      const gone = crew.gone.find((one) => one.name === who)
      if (gone === undefined) found.push(`${name} was told that ${who} is gone (${cause}), and it is not`)
      else if (!gone.causes.includes(cause)) {
        found.push(`${name} was told that ${who} ${cause}, and it ${gone.causes.join(' or ')}`)
      }
    }
    if (new Set(left).size !== left.length) found.push(`${name} was told twice: ${left.join(', ')}`)
  }
  return found
}

/** At the end, when all is quiet: everybody has all that the others have sent. */
function incomplete(reports: readonly Report[]): readonly string[] {
  return reports.flatMap((sender) =>
    reports
      .filter((receiver) => receiver !== sender)
      .flatMap((receiver) => {
        const stream = receiver.streams.find(({ life }) => life === sender.life)
        const got = stream === undefined ? 0 : stream.last + 1
        return got === sender.sent ? [] : [`${receiver.name} has ${got} of ${sender.sent} messages from ${sender.name}`]
      }),
  )
}

/** What was sent before a graceful leave came before it was told [D22]. */
function cutShort(crew: Crew, reports: readonly Report[]): readonly string[] {
  return crew.gone.flatMap(({ name, sent }) => {
    if (sent === null) return []
    const short = reports.filter(({ streams }) => streams.some((one) => one.sender === name && one.last + 1 !== sent))
    return short.map((receiver) => `${receiver.name} lacks the last of the ${sent} messages from ${name}`)
  })
}

function assertNone(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join('\n'))
}

function stamp(began: number): string {
  const seconds = Math.floor((Date.now() - began) / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}

function parsed(args: readonly string[]): { readonly seed: number; readonly minutes: number } {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: 'string' }, minutes: { type: 'string', default: '20' } },
  })
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
  const minutes = Number(values.minutes)
  if (!Number.isInteger(seed) || !(minutes > 0)) throw new Error(USAGE)
  return { seed, minutes }
}
