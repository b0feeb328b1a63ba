// The departures run: every event to every kind of victim, many times, in real browsers, and what everybody was told of
// it. Prints a line for each row as it comes, beside it what the peers take for a closed tab, and writes
// reports/departures.json; with --write also shared/DEPARTURES.md. Events whose bounds are milliseconds are played one at a
// time, on what should be a quiet machine; the others several at once, since they cost waiting. Ends with a failure if any
// row is not what the evidence table promises.

import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { launchOptions } from '../launch.ts'
import { EVENTS, type DepartureEvent } from './events.ts'
import type { Row } from './judge.ts'
import { VICTIMS, type VictimKind } from './party.ts'
import { peersLines } from './peers.ts'
import { Play } from './play.ts'
import { readRows, sorted, writeRows, writeTable, type PlayedRow } from './report.ts'
import { headOf, lineOf } from './table.ts'

const USAGE = `npm run departures -- [--times 20] [--only 'tab closed,reload'] [--victims '${VICTIMS.join(',')}'] [--no-peers] [--merge] [--write]`
/** Parties that are watched at the same time. Each is two browsers and their pages. */
const PARTIES_MAX = 3

type Played = { readonly event: DepartureEvent; readonly victim: VictimKind }

export async function departures(args: readonly string[], browserPath: string): Promise<boolean> {
  const { times, events, victims, peers, merge, write } = parsed(args)
  const stamp = `${new Date().toISOString().slice(0, 16)}Z ${commit()}`
  const rows: PlayedRow[] = []
  const before = merge ? readRows() : []
  // After each play: whoever stops the run has what it said until then.
  const save = (lines: readonly string[]): void => {
    const report = sorted([...before.filter((old) => !rows.some((row) => isSame(row, old))), ...rows])
    writeRows(report)
    if (write) writeTable(report, lines.length > 0 ? { lines, stamp } : null)
  }
  const play = async ({ event, victim }: Played): Promise<void> => {
    const began = Date.now()
    const played = await new Play(event, victim, times, browserPath).rows()
    rows.push(...played.map((row) => ({ ...row, played: stamp })))
    save([])
    for (const row of played) console.log(lineOf(row))
    console.log(`  (${event.name}, ${victim}: ${Math.round((Date.now() - began) / 1000)} s)`)
  }
  console.log(headOf)
  const all = events.flatMap((event) =>
    event.victims.filter((one) => victims.includes(one)).map((victim) => ({ event, victim })),
  )
  const tight = all.filter(({ event }) => event.isTight)
  const cabled = all.filter(({ event }) => !event.isTight && event.stage === 'cable')
  const loose = all.filter(({ event }) => !event.isTight && event.stage !== 'cable')
  await inTurn(tight, play)
  // There is one network to cut.
  await Promise.all(
    [cabled, ...Array.from({ length: PARTIES_MAX - 1 }, () => loose)].map((queue) => inTurn(queue, play)),
  )
  const lines = peers ? await peersLines(times, launchOptions(browserPath)) : []
  for (const line of lines) console.log(line)
  save(lines)
  const failed = rows.filter(({ ok }) => !ok).length
  console.log(`${rows.length - failed} of ${rows.length} rows as promised; reports/departures.json has them.`)
  return failed === 0
}

async function inTurn(queue: Played[], play: (one: Played) => Promise<void>): Promise<void> {
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) await play(one)
}

const isSame = (one: Row, other: Row): boolean =>
  one.event === other.event && one.victim === other.victim && one.told === other.told && one.what === other.what

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()

/** Of what was played; `+`: with changes. */
function commit(): string {
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`
}

function parsed(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      times: { type: 'string', default: '20' },
      only: { type: 'string', default: '' },
      victims: { type: 'string', default: VICTIMS.join(',') },
      'no-peers': { type: 'boolean', default: false },
      merge: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  })
  const times = Number(values.times)
  const only = values.only === '' ? null : values.only.split(',').map((name) => name.trim())
  const events = EVENTS.filter(({ name }) => only === null || only.includes(name))
  const victims = VICTIMS.filter((victim) => values.victims.split(',').includes(victim))
  const sane = Number.isInteger(times) && times > 0 && victims.length > 0
  if (!sane || (only !== null && events.length !== only.length)) {
    throw new Error(`${USAGE}\nEvents: ${EVENTS.map(({ name }) => name).join(', ')}`)
  }
  const { merge, write } = values
  return { times, events, victims, peers: !values['no-peers'], merge, write }
}
