// The soak: a session of six under traffic from all to all, to whom things happen that are drawn from a seed, for as long
// as one likes. Draws, waits for agreement, and says how it went; what may be and what may not is judgement.ts.
// Leaves reports/soak.json: `{ seed, minutes, faults, departures, messages, passed, failed }`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { RandomSource } from '@joinleaf/shared/sim'
import { Crew, pause } from './crew.ts'
import { drawFault } from './faults.ts'
import { agree, incomplete, messagesIn, rostersOf, unheard, wrongsIn } from './judgement.ts'
import type { Report } from './traffic.ts'

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url))
const USAGE = 'npm run soak -- [--seed N] [--minutes 20]'
/** After a fault: how long it may take until all are linked again. A redial, a resume and a server's start are in it. */
const AGREE_MS = 40_000
const LOOK_MS = 200
/** Between two faults, at most; some come while the last one still works. */
const LULL_MS = 4_000
/** Nothing new for so long: nothing is under way any more. */
const QUIET_MS = 2_000

type Voyage = { readonly seed: number; readonly minutes: number }
type Tally = { readonly faults: number; readonly departures: number; readonly messages: number }

export async function soak(args: readonly string[], browserPath: string): Promise<boolean> {
  const voyage = parsed(args)
  const replay = `npm run soak -- --seed ${voyage.seed} --minutes ${voyage.minutes}`
  console.log(`seed ${voyage.seed}: replay with ${replay}`)
  const crew = await Crew.muster(browserPath)
  if (!crew.hasCable) console.log('This machine lets nobody make network namespaces: no network will be cut.')
  const began = Date.now()
  try {
    const tally = await sail(crew, voyage, began)
    const { faults, departures, messages } = tally
    console.log(`${stamp(began)} ${faults} faults, ${departures} departures, ${messages} messages checked: all well`)
    write({ ...voyage, ...tally, passed: 1, failed: 0 })
    return true
  } catch (error) {
    console.error(`${stamp(began)} ${error instanceof Error ? error.message : String(error)}`)
    for (const line of await crew.timelines().catch(() => [])) console.error(line)
    console.error(`replay with: ${replay}`)
    write({ ...voyage, passed: 0, failed: 1 })
    return false
  } finally {
    await crew.dismiss()
  }
}

async function sail(crew: Crew, { seed, minutes }: Voyage, began: number): Promise<Tally> {
  const random = new RandomSource(seed)
  let faults = 0
  await agreement(crew)
  while (Date.now() - began < minutes * 60_000) {
    const fault = drawFault(random, crew.hasCable)
    // Now and then the next one comes before all is well again.
    const isPatient = random.chance(0.7)
    if (fault.when === 'calm') await agreement(crew)
    console.log(`${stamp(began)} ${++faults}. ${fault.name}`)
    await fault.befall(crew, random)
    crew.isCalm = false
    if (fault.when === 'calm' || isPatient) await agreement(crew)
    await pause(random.below(LULL_MS))
  }
  await agreement(crew)
  await crew.talk(false)
  const reports = await settled(crew)
  assertNone([...wrongsIn(reports, crew.gone), ...incomplete(reports)])
  assertNone(crew.complaints())
  return { faults, departures: crew.gone.length, messages: messagesIn(reports) }
}

/** All have the same roster, of as many as there are, and each is linked to each and hears each; and nothing is wrong. */
async function agreement(crew: Crew): Promise<void> {
  const until = Date.now() + AGREE_MS
  let last: readonly Report[] = []
  let agreed: readonly Report[] | null = null
  while (Date.now() < until) {
    last = await crew.reports()
    assertNone(wrongsIn(last, crew.gone))
    agreed = agree(last) ? (agreed ?? last) : null
    crew.isCalm = agreed !== null && unheard(agreed, last).length === 0
    if (crew.isCalm) return
    await pause(LOOK_MS)
  }
  const missing = agreed === null ? [] : unheard(agreed, last)
  throw new Error([`no agreement within ${AGREE_MS} ms:`, rostersOf(last), ...missing].join('\n'))
}

async function settled(crew: Crew): Promise<readonly Report[]> {
  let before = ''
  for (;;) {
    const reports = await crew.reports()
    const now = JSON.stringify(reports)
    if (now === before) return reports
    before = now
    await pause(QUIET_MS)
  }
}

function assertNone(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join('\n'))
}

function write(report: object): void {
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(`${REPORTS}soak.json`, `${JSON.stringify(report, null, 2)}\n`)
}

function stamp(began: number): string {
  const seconds = Math.floor((Date.now() - began) / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}

function parsed(args: readonly string[]): Voyage {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: 'string' }, minutes: { type: 'string', default: '20' } },
  })
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
  const minutes = Number(values.minutes)
  if (!Number.isInteger(seed) || !(minutes > 0)) throw new Error(USAGE)
  return { seed, minutes }
}
