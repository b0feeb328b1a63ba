// Winsock's error codes: one table of name, number and meaning (specification, section 8), and the one error
// class that callers see. Machines speak of codes by name; numbers appear only at the public surface.

type Row = readonly [number: number, meaning: string]

const TABLE = {
  NO_ERROR: [0, 'success; a graceful FD_CLOSE; a successful FD_CONNECT'],
  WSA_OPERATION_ABORTED: [995, 'the operation was cancelled because the socket was closed'],
  WSAEINTR: [10004, 'a blocking call was cancelled'],
  WSAEBADF: [10009, 'the file handle is not valid'],
  WSAEACCES: [10013, 'not permitted; or the offered request timed out or was withdrawn'],
  WSAEFAULT: [10014, 'an argument is malformed or too large, or a buffer is too small'],
  WSAEINVAL: [10022, 'an argument or the state of the socket does not allow the call'],
  WSAEMFILE: [10024, 'no socket descriptors are left'],
  WSAEWOULDBLOCK: [10035, 'nothing to accept or receive, or no room to send, right now'],
  WSAEINPROGRESS: [10036, 'a call of the same kind is being carried out'],
  WSAEALREADY: [10037, 'a join is already pending on this socket'],
  WSAENOTSOCK: [10038, 'the socket is closed'],
  WSAEDESTADDRREQ: [10039, 'a destination is required'],
  WSAEMSGSIZE: [10040, 'the message is larger than the limit or than the buffer'],
  WSAEPROTOTYPE: [10041, 'the protocol is wrong for the socket type'],
  WSAENOPROTOOPT: [10042, 'the option is not supported'],
  WSAEPROTONOSUPPORT: [10043, 'the protocol does not support this'],
  WSAESOCKTNOSUPPORT: [10044, 'the socket type is not supported'],
  WSAEOPNOTSUPP: [10045, 'the operation is not supported on this socket, or not in its role'],
  WSAEPFNOSUPPORT: [10046, 'the protocol family is not supported'],
  WSAEAFNOSUPPORT: [10047, 'the name belongs to another address family'],
  WSAEADDRINUSE: [10048, 'the session address is taken'],
  WSAEADDRNOTAVAIL: [10049, 'the name is not a valid address here'],
  WSAENETDOWN: [10050, 'the network is down: the signaling server is not reachable any more'],
  WSAENETUNREACH: [10051, 'the network or the session cannot be reached now; the join may be tried again'],
  WSAENETRESET: [10052, 'keep-alive found the connection dead'],
  WSAECONNABORTED: [10053, 'the connection ended through a timeout, a protocol error or another failure'],
  WSAECONNRESET: [10054, 'the connection was ended hard by the other side'],
  WSAENOBUFS: [10055, 'no buffer space, or a queue is full'],
  WSAEISCONN: [10056, 'the socket is, or has been, a member of a session'],
  WSAENOTCONN: [10057, 'the socket is not a member of a session'],
  WSAESHUTDOWN: [10058, 'this direction of the socket has been shut down'],
  WSAETIMEDOUT: [10060, 'no answer came in time'],
  WSAECONNREFUSED: [10061, 'the join was refused: by the root, by a full queue, or because nobody listens'],
  WSAEHOSTDOWN: [10064, 'the destination host is down'],
  WSAEHOSTUNREACH: [10065, 'there is no route to the host'],
  WSASYSNOTREADY: [10091, 'the network subsystem is not available'],
  WSAVERNOTSUPPORTED: [10092, 'this version of the protocol is not supported'],
  WSANOTINITIALISED: [10093, 'wsaStartup has not been called, or wsaCleanup has'],
  WSAEDISCON: [10101, 'the other side closed gracefully and everything has been received'],
  WSAEINVALIDPROCTABLE: [10104, 'the provider table is not valid'],
  WSAEINVALIDPROVIDER: [10105, 'the provider is not valid'],
  WSAEPROVIDERFAILEDINIT: [10106, 'the provider could not be started'],
  WSASYSCALLFAILURE: [10107, 'a call that should not fail has failed'],
  WSATRY_AGAIN: [11002, 'the condition function deferred its decision'],
} as const satisfies Record<string, Row>

/** A code by its Winsock name; `NO_ERROR` is 0. */
export type WsaCode = keyof typeof TABLE
/** A code that is an error. */
export type WsaErrorCode = Exclude<WsaCode, 'NO_ERROR'>

export const WSA_CODES: readonly WsaCode[] = Object.keys(TABLE).filter(isWsaCode)

export function isWsaCode(name: string): name is WsaCode {
  return Object.hasOwn(TABLE, name)
}

/** The number that winsock2.h gives a code. */
export function wsaNumber(code: WsaCode): number {
  return TABLE[code][0]
}

/** One sentence, without a full stop, on what the code means here. */
export function wsaMeaning(code: WsaCode): string {
  return TABLE[code][1]
}

/**
 * What a call on the socket layer throws or rejects with [D2].
 * `name` is Winsock's name for the error, `code` its number, `call` the call that failed.
 */
export class WsaError extends Error {
  override readonly name: WsaErrorCode
  readonly code: number
  readonly call: string

  constructor(name: WsaErrorCode, call: string, detail?: string) {
    super(`${call}: ${name} (${wsaNumber(name)}): ${detail ?? wsaMeaning(name)}`)
    this.name = name
    this.code = wsaNumber(name)
    this.call = call
  }
}
