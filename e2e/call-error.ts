// A call that failed, on whichever side of the wall the socket lives: whose call, which one, and the code by its name.
// What a test throws and catches; the SDK's own WsaError stays in the page, or in the simulation.

export class CallError extends Error {
  override readonly name = 'CallError'
  /** WSAE…, by its name. */
  readonly code: string
  /** What recv had put into a buffer that was too small [C115]; null elsewhere. */
  readonly part: string | null

  constructor(who: string, call: string, code: string, message: string, part: string | null = null) {
    super(`${who}: ${call}: ${message}`)
    this.code = code
    this.part = part
  }
}
