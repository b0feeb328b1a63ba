// The page's side of session-driver.ts: what one session of the idiomatic layer told its listeners, as sentences in the
// order in which they came. Put into the bare page as a module of its own; waits page-side, by the events themselves.

import type { Departure, Ending, GuestSession, HostSession, JsonValue, Member, Message, Session } from 'joinleaf'

declare global {
  interface Window {
    watchHost(session: HostSession): SessionLog
    watchGuest(session: GuestSession): SessionLog
  }
}

export class SessionLog {
  readonly lines: string[] = []
  readonly #waiting = new Set<() => void>()

  told(line: string): void {
    this.lines.push(line)
    for (const look of [...this.#waiting]) look()
  }

  /** Until the line is there, or was there already. */
  until(line: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!this.lines.includes(line)) return
        clearTimeout(deadline)
        this.#waiting.delete(look)
        resolve()
      }
      const deadline = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`waited ${timeoutMs} ms for "${line}" in vain; what came: ${this.lines.join(' | ')}`))
      }, timeoutMs)
      this.#waiting.add(look)
      look()
    })
  }
}

const nameOf = (profile: JsonValue | undefined): string => (typeof profile === 'string' ? profile : 'somebody')

const ending = ({ name, cause, initiator, text }: Ending): string => `${name} ${cause} by ${initiator}: ${text}`

function watch(session: Session): SessionLog {
  const log = new SessionLog()
  session.on('joined', (member: Member) => log.told(`joined: ${nameOf(member.profile)} as ${member.role}`))
  session.on('left', (gone: Departure) => log.told(`left: ${nameOf(gone.member.profile)}, ${ending(gone)}`))
  session.on('suspect', (member: Member) => log.told(`suspect: ${nameOf(member.profile)}`))
  session.on('away', (host: Member) => log.told(`away: ${nameOf(host.profile)}`))
  session.on('back', (member: Member) => log.told(`back: ${nameOf(member.profile)}`))
  session.on('message', (message: Message) => {
    log.told(`${message.channel} from ${nameOf(message.from.profile)}: ${message.text()}`)
  })
  void session.closed.then((end) => log.told(`closed: ${ending(end)}`))
  return log
}

window.watchGuest = watch
window.watchHost = (session) => {
  const log = watch(session)
  session.on('request', (request) => log.told(`request: ${nameOf(request.profile)} as ${request.role}`))
  session.on('requests', (requests) =>
    log.told(`waiting: ${requests.map(({ profile }) => nameOf(profile)).join(', ')}`),
  )
  return log
}
