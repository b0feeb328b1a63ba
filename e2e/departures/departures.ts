// The departures run: every event to every kind of victim, many times, in real browsers, and what everybody was told of
// it. Prints a line for each row as it comes, beside it what the peers take for a closed tab, and writes
// reports/departures.json. Ends with a failure if any row is not what the evidence table promises.

import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Cable } from '../cable.ts'
import { launchOptions } from '../launch.ts'
import { Proxy } from '../proxy.ts'
import { Server } from '../server.ts'
import { EVENTS, type DepartureEvent, type Stage } from './events.ts'
import { judge, type Row, type Trial } from './judge.ts'
import type { PageNote } from './note.ts'
import { Party, VICTIMS, type PartyOptions, type VictimKind } from './party.ts'
import { peersRows } from './peers.ts'
import { headOf, lineOf } from './table.ts'

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url))
const USAGE = `npm run departures -- [--times 20] [--only 'tab closed,reload'] [--victims '${VICTIMS.join(',')}'] [--no-peers]`

export async function departures(args: readonly string[], browserPath: string): Promise<boolean> {
  const { times, events, victims, peers } = parsed(args)
  const rows: Row[] = []
  console.log(headOf)
  for (const event of events) {
    for (const victim of event.victims.filter((one) => victims.includes(one))) {
      for (const row of await played(event, victim, times, browserPath)) {
        rows.push(row)
        console.log(lineOf(row))
      }
    }
  }
  if (peers) for (const row of await peersRows(times, launchOptions(browserPath))) console.log(row)
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(`${REPORTS}departures.json`, `${JSON.stringify(rows, null, 2)}\n`)
  const failed = rows.filter(({ ok }) => !ok).length
  console.log(`${rows.length - failed} of ${rows.length} rows as promised; reports/departures.json has them.`)
  return failed === 0
}

async function played(
  event: DepartureEvent,
  victim: VictimKind,
  times: number,
  browserPath: string,
): Promise<readonly Row[]> {
  const secrets = await mkdtemp(join(tmpdir(), 'departures-'))
  const stage = await setStage(event, browserPath, secrets)
  if (stage === null) {
    console.log(`${event.name}: not played, this machine lets nobody make network namespaces`)
    return []
  }
  let party: Party | null = null
  try {
    party = await Party.gather({ victim, times, layout: event.layout, ...stage.house })
    return judge(event, victim, await watched(event, party, stage))
  } finally {
    await party?.end()
    await stage.strike()
    await rm(secrets, { recursive: true, force: true })
  }
}

/** To one victim after the other; or, where they are together, to all at once. */
async function watched(event: DepartureEvent, party: Party, stage: Stage): Promise<readonly Trial[]> {
  const began = new Map<string, number>()
  const happenings = event.layout === 'together' ? party.places.slice(0, 1) : party.places
  for (const place of happenings) {
    began.set(place.session, performance.timeOrigin + performance.now())
    await event.happen(place, party, stage)
  }
  const [first] = began.values()
  await new Promise((resolve) => setTimeout(resolve, event.watchMs))
  const notes: PageNote[] = [...(await party.notes())]
  if (event.expects(party.victim).self !== undefined) notes.push(...(await party.victimsNotes()))
  return party.places.map(({ session }) => ({
    session,
    at: began.get(session) ?? first ?? 0,
    notes: notes.filter((note) => note.session === session),
  }))
}

/** A stage with what a party needs to know of it. */
type SetStage = Stage & {
  readonly house: Pick<PartyOptions, 'origin' | 'launch' | 'victimExecutable'>
  strike(): Promise<void>
}

async function setStage(event: DepartureEvent, browserPath: string, secrets: string): Promise<SetStage | null> {
  const cable = event.stage === 'cable' ? await Cable.lay(browserPath) : undefined
  if (cable === null) return null
  const options = { args: [...(cable === undefined ? [] : ['--host', '0.0.0.0'])], env: secretIn(secrets) }
  let server = await Server.start(options)
  const { port } = server
  const proxy = event.stage === 'proxy' ? await Proxy.to(port) : undefined
  const origin = cable === undefined ? (proxy?.url ?? server.url) : `http://${cable.address}:${port}`
  return {
    get server() {
      return server
    },
    restart: async () => {
      await server.kill('SIGKILL')
      server = await Server.start({ ...options, port })
    },
    ...(proxy !== undefined && { proxy }),
    ...(cable !== undefined && { cable }),
    house:
      cable === undefined
        ? { origin, launch: launchOptions(browserPath) }
        : { origin, launch: launchOptions(browserPath, origin), victimExecutable: cable.executable },
    strike: async () => {
      proxy?.close()
      await server.kill('SIGKILL')
      await cable?.remove()
    },
  }
}

/** A restarted server knows its associations by its secret: each stage has one of its own. */
const secretIn = (folder: string) => ({ JOINLEAF_SECRET_FILE: join(folder, 'secret') })

function parsed(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      times: { type: 'string', default: '20' },
      only: { type: 'string', default: '' },
      victims: { type: 'string', default: VICTIMS.join(',') },
      'no-peers': { type: 'boolean', default: false },
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
  return { times, events, victims, peers: !values['no-peers'] }
}
