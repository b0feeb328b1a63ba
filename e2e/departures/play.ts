// One event, played to one kind of victim: sets the stage that the event needs, gathers a party, lets it happen, watches,
// and has it judged. Owns the server, the proxy and the cable of its stage, and strikes them. Parties gather one at a time:
// that is what costs.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cable } from '../cable.ts'
import { launchOptions } from '../launch.ts'
import { Proxy } from '../proxy.ts'
import { Server } from '../server.ts'
import type { DepartureEvent, Stage } from './events.ts'
import { judge, type Row, type Trial } from './judge.ts'
import type { PageNote } from './note.ts'
import { Party, type PartyOptions, type VictimKind } from './party.ts'

/** A stage with what a party needs to know of it. */
type SetStage = Stage & {
  readonly house: Pick<PartyOptions, 'origin' | 'launch' | 'victimExecutable'>
  strike(): Promise<void>
}

/** Sessions that live at once where milliseconds count: each is four members more for one machine. */
const TIGHT_SESSIONS_MAX = 10
/** Between two victims, there: the end of a process takes a while of its own. */
const BREATH_MS = 300

let lastGathered: Promise<unknown> = Promise.resolve()

export class Play {
  readonly #event: DepartureEvent
  readonly #victim: VictimKind
  readonly #times: number
  readonly #browserPath: string

  constructor(event: DepartureEvent, victim: VictimKind, times: number, browserPath: string) {
    this.#event = event
    this.#victim = victim
    this.#times = times
    this.#browserPath = browserPath
  }

  async rows(): Promise<readonly Row[]> {
    // A restarted server knows its associations by its secret: each stage has one of its own.
    const folder = await mkdtemp(join(tmpdir(), 'departures-'))
    const stage = await this.#setStage(folder)
    if (stage === null) {
      console.log(`${this.#event.name}: not played, this machine lets nobody make network namespaces`)
      return []
    }
    try {
      const trials: Trial[] = []
      while (trials.length < this.#times) trials.push(...(await this.#round(this.#times - trials.length, stage)))
      return judge(this.#event, this.#victim, trials)
    } finally {
      await stage.strike()
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #round(left: number, stage: SetStage): Promise<readonly Trial[]> {
    const party = await this.#gathered(this.#event.isTight ? Math.min(left, TIGHT_SESSIONS_MAX) : left, stage)
    try {
      return await this.#watched(party, stage)
    } finally {
      await party.end()
    }
  }

  async #gathered(times: number, stage: SetStage): Promise<Party> {
    const { layout, isResumable = false } = this.#event
    const options = { victim: this.#victim, times, layout, isResumable, ...stage.house }
    const gathering = lastGathered.then(() => Party.gather(options))
    lastGathered = gathering.catch(() => undefined)
    return gathering
  }

  /** To one victim after the other; or, where they are together, to all at once. */
  async #watched(party: Party, stage: Stage): Promise<readonly Trial[]> {
    const { layout, isTight = false, happen, expects, watchMs } = this.#event
    const began = new Map<string, number>()
    const happenings = layout === 'together' ? party.places.slice(0, 1) : party.places
    for (const place of happenings) {
      began.set(place.session, performance.timeOrigin + performance.now())
      await happen(place, party, stage)
      if (isTight) await new Promise((resolve) => setTimeout(resolve, BREATH_MS))
    }
    const [first] = began.values()
    await new Promise((resolve) => setTimeout(resolve, watchMs))
    const notes: PageNote[] = [...(await party.notes())]
    if (expects(party.victim).self !== undefined) notes.push(...(await party.victimsNotes()))
    return party.places.map(({ session }) => ({
      session,
      at: began.get(session) ?? first ?? 0,
      notes: notes.filter((note) => note.session === session),
    }))
  }

  async #setStage(folder: string): Promise<SetStage | null> {
    const cable = this.#event.stage === 'cable' ? await Cable.lay(this.#browserPath) : undefined
    if (cable === null) return null
    const options = {
      args: cable === undefined ? [] : ['--host', '0.0.0.0'],
      env: { JOINLEAF_SECRET_FILE: join(folder, 'secret') },
    }
    let server = await Server.start(options)
    const { port } = server
    const proxy = this.#event.stage === 'proxy' ? await Proxy.to(port) : undefined
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
          ? { origin, launch: launchOptions(this.#browserPath) }
          : { origin, launch: launchOptions(this.#browserPath, origin), victimExecutable: cable.executable },
      strike: async () => {
        proxy?.close()
        await server.kill('SIGKILL')
        await cable?.remove()
      },
    }
  }
}
