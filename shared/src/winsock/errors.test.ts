// The error codes have the names and numbers of the specification's section 8, each number once.

import { describe, expect, test } from 'vitest'
import { isWsaCode, WSA_CODES, WsaError, wsaMeaning, wsaNumber } from './errors.ts'

const SECTION_8: Readonly<Record<string, number>> = {
  NO_ERROR: 0,
  WSA_OPERATION_ABORTED: 995,
  WSAEINTR: 10004,
  WSAEBADF: 10009,
  WSAEACCES: 10013,
  WSAEFAULT: 10014,
  WSAEINVAL: 10022,
  WSAEMFILE: 10024,
  WSAEWOULDBLOCK: 10035,
  WSAEINPROGRESS: 10036,
  WSAEALREADY: 10037,
  WSAENOTSOCK: 10038,
  WSAEDESTADDRREQ: 10039,
  WSAEMSGSIZE: 10040,
  WSAEPROTOTYPE: 10041,
  WSAENOPROTOOPT: 10042,
  WSAEPROTONOSUPPORT: 10043,
  WSAESOCKTNOSUPPORT: 10044,
  WSAEOPNOTSUPP: 10045,
  WSAEPFNOSUPPORT: 10046,
  WSAEAFNOSUPPORT: 10047,
  WSAEADDRINUSE: 10048,
  WSAEADDRNOTAVAIL: 10049,
  WSAENETDOWN: 10050,
  WSAENETUNREACH: 10051,
  WSAENETRESET: 10052,
  WSAECONNABORTED: 10053,
  WSAECONNRESET: 10054,
  WSAENOBUFS: 10055,
  WSAEISCONN: 10056,
  WSAENOTCONN: 10057,
  WSAESHUTDOWN: 10058,
  WSAETIMEDOUT: 10060,
  WSAECONNREFUSED: 10061,
  WSAEHOSTDOWN: 10064,
  WSAEHOSTUNREACH: 10065,
  WSASYSNOTREADY: 10091,
  WSAVERNOTSUPPORTED: 10092,
  WSANOTINITIALISED: 10093,
  WSAEDISCON: 10101,
  WSAEINVALIDPROCTABLE: 10104,
  WSAEINVALIDPROVIDER: 10105,
  WSAEPROVIDERFAILEDINIT: 10106,
  WSASYSCALLFAILURE: 10107,
  WSATRY_AGAIN: 11002,
}

describe('section 8', () => {
  test('[D2] every code, and its number', () => {
    expect(Object.fromEntries(WSA_CODES.map((code) => [code, wsaNumber(code)]))).toEqual(SECTION_8)
  })

  test('[D2] no two codes share a number', () => {
    expect(new Set(WSA_CODES.map(wsaNumber)).size).toBe(WSA_CODES.length)
  })

  test('[D2] each has a meaning, in one sentence without its full stop', () => {
    const odd = WSA_CODES.filter((code) => !/^[a-z].{9,}[^.]$/.test(wsaMeaning(code)))
    expect(odd).toEqual([])
  })

  test('[D2] only names of the table are codes', () => {
    expect(['toString', 'constructor', '__proto__', 'WSAENONSENSE', '', 'wsaeacces'].filter(isWsaCode)).toEqual([])
    expect(Object.keys(SECTION_8).filter((name) => !isWsaCode(name))).toEqual([])
  })
})

describe('WsaError', () => {
  test('[D2] carries Winsock’s name, the number, the call, and says what it means', () => {
    const error = new WsaError('WSAEALREADY', 'joinLeaf')
    expect(error).toBeInstanceOf(Error)
    expect({ name: error.name, code: error.code, call: error.call, message: error.message }).toEqual({
      name: 'WSAEALREADY',
      code: 10037,
      call: 'joinLeaf',
      message: 'joinLeaf: WSAEALREADY (10037): a join is already pending on this socket',
    })
  })

  test('[D2] says something more exact if that is known', () => {
    expect(new WsaError('WSAEINVAL', 'bind', 'already bound').message).toBe('bind: WSAEINVAL (10022): already bound')
  })
})
