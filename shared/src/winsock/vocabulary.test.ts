// The constants have the values of the specification's section 9, which are those of winsock2.h.

import { describe, expect, test } from 'vitest'
import * as vocabulary from './vocabulary.ts'

const SECTION_9: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  events: {
    FD_READ: 0x001,
    FD_WRITE: 0x002,
    FD_OOB: 0x004,
    FD_ACCEPT: 0x008,
    FD_CONNECT: 0x010,
    FD_CLOSE: 0x020,
    FD_QOS: 0x040,
    FD_GROUP_QOS: 0x080,
    FD_ROUTING_INTERFACE_CHANGE: 0x100,
    FD_ADDRESS_LIST_CHANGE: 0x200,
  },
  'event bits': {
    FD_READ_BIT: 0,
    FD_WRITE_BIT: 1,
    FD_OOB_BIT: 2,
    FD_ACCEPT_BIT: 3,
    FD_CONNECT_BIT: 4,
    FD_CLOSE_BIT: 5,
    FD_QOS_BIT: 6,
    FD_GROUP_QOS_BIT: 7,
    FD_ROUTING_INTERFACE_CHANGE_BIT: 8,
    FD_ADDRESS_LIST_CHANGE_BIT: 9,
    FD_MAX_EVENTS: 10,
    FD_ALL_EVENTS: 0x3ff,
  },
  join: { JL_SENDER_ONLY: 0x01, JL_RECEIVER_ONLY: 0x02, JL_BOTH: 0x04 },
  'socket flags': {
    WSA_FLAG_OVERLAPPED: 0x01,
    WSA_FLAG_MULTIPOINT_C_ROOT: 0x02,
    WSA_FLAG_MULTIPOINT_C_LEAF: 0x04,
    WSA_FLAG_MULTIPOINT_D_ROOT: 0x08,
    WSA_FLAG_MULTIPOINT_D_LEAF: 0x10,
    WSA_FLAG_ACCESS_SYSTEM_SECURITY: 0x40,
    WSA_FLAG_NO_HANDLE_INHERIT: 0x80,
  },
  shutdown: { SD_RECEIVE: 0, SD_SEND: 1, SD_BOTH: 2 },
  condition: { CF_ACCEPT: 0, CF_REJECT: 1, CF_DEFER: 2 },
  groups: { SG_UNCONSTRAINED_GROUP: 1, SG_CONSTRAINED_GROUP: 2 },
  'service flags 1': {
    XP1_CONNECTIONLESS: 0x1,
    XP1_GUARANTEED_DELIVERY: 0x2,
    XP1_GUARANTEED_ORDER: 0x4,
    XP1_MESSAGE_ORIENTED: 0x8,
    XP1_PSEUDO_STREAM: 0x10,
    XP1_GRACEFUL_CLOSE: 0x20,
    XP1_EXPEDITED_DATA: 0x40,
    XP1_CONNECT_DATA: 0x80,
    XP1_DISCONNECT_DATA: 0x100,
    XP1_SUPPORT_BROADCAST: 0x200,
    XP1_SUPPORT_MULTIPOINT: 0x400,
    XP1_MULTIPOINT_CONTROL_PLANE: 0x800,
    XP1_MULTIPOINT_DATA_PLANE: 0x1000,
    XP1_QOS_SUPPORTED: 0x2000,
    XP1_UNI_SEND: 0x8000,
    XP1_UNI_RECV: 0x10000,
    XP1_PARTIAL_MESSAGE: 0x40000,
  },
  'ioctl parts': { IOC_VOID: 0x20000000, IOC_OUT: 0x40000000, IOC_IN: 0x80000000, IOC_WS2: 0x08000000 },
  ioctls: {
    SIO_FLUSH: 0x28000004,
    SIO_GET_QOS: 0xc8000007,
    SIO_GET_GROUP_QOS: 0xc8000008,
    SIO_MULTIPOINT_LOOPBACK: 0x88000009,
    SIO_MULTICAST_SCOPE: 0x8800000a,
    SIO_SET_QOS: 0x8800000b,
    SIO_SET_GROUP_QOS: 0x8800000c,
    FIONBIO: 0x8004667e,
    FIONREAD: 0x4004667f,
    SIOCATMARK: 0x40047307,
  },
  'message flags': { MSG_OOB: 0x1, MSG_PEEK: 0x2, MSG_DONTROUTE: 0x4, MSG_WAITALL: 0x8, MSG_PARTIAL: 0x8000 },
  options: {
    SOL_SOCKET: 0xffff,
    SO_ACCEPTCONN: 0x0002,
    SO_LINGER: 0x0080,
    SO_SNDTIMEO: 0x1005,
    SO_DONTLINGER: ~0x0080,
    SO_OOBINLINE: 0x0100,
    SO_SNDBUF: 0x1001,
    SO_RCVBUF: 0x1002,
    SO_ERROR: 0x1007,
    SO_TYPE: 0x1008,
    SO_GROUP_ID: 0x2001,
    SO_GROUP_PRIORITY: 0x2002,
    SO_MAX_MSG_SIZE: 0x2003,
    SO_CONDITIONAL_ACCEPT: 0x3002,
  },
  listen: { SOMAXCONN: 0x7fffffff },
  'socket types': { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_RDM: 4, SOCK_SEQPACKET: 5 },
}

describe('section 9', () => {
  test.each(Object.entries(SECTION_9))('[C57] %s', (_group, constants) => {
    expect(vocabulary).toMatchObject(constants)
  })

  test('[C57] every number of the vocabulary is in the specification', () => {
    const specified = Object.values(SECTION_9).flatMap((group) => Object.keys(group))
    const numbers = Object.entries(vocabulary).filter(([, value]) => typeof value === 'number')
    const ours = ['SERVICE_FLAGS_1']
    expect(numbers.map(([name]) => name).toSorted()).toEqual([...specified, ...ours].toSorted())
  })

  test.each([
    'events',
    'join',
    'socket flags',
    'service flags 1',
    'ioctls',
    'message flags',
    'socket types',
    'condition',
  ])('[C57] no two %s share a number', (group) => {
    const numbers = Object.values(SECTION_9[group] ?? {})
    expect(numbers.length).toBeGreaterThan(2)
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})

describe('what is made of them', () => {
  test('[C57] JL_BOTH is not the OR of the other two', () => {
    expect(vocabulary.JL_SENDER_ONLY | vocabulary.JL_RECEIVER_ONLY).toBe(3)
    expect(vocabulary.JL_BOTH).toBe(4)
  })

  test('[C12] [D13] the catalog entry: multipoint, rooted control, nonrooted data; 0x0CAE', () => {
    expect(vocabulary.SERVICE_FLAGS_1).toBe(0x0cae)
    expect(vocabulary.SERVICE_FLAGS_1 & vocabulary.XP1_SUPPORT_MULTIPOINT).not.toBe(0)
    expect(vocabulary.SERVICE_FLAGS_1 & vocabulary.XP1_MULTIPOINT_CONTROL_PLANE).not.toBe(0)
    expect(vocabulary.SERVICE_FLAGS_1 & vocabulary.XP1_MULTIPOINT_DATA_PLANE).toBe(0)
  })

  test('[C144] five events can be posted, and FD_OOB is none of them', () => {
    expect(vocabulary.NETWORK_EVENTS).toEqual({ FD_READ: 1, FD_WRITE: 2, FD_ACCEPT: 8, FD_CONNECT: 16, FD_CLOSE: 32 })
  })

  test('[C22] SOMAXCONN_HINT is its number, negated', () => {
    expect(vocabulary.SOMAXCONN_HINT(200)).toBe(-200)
  })
})
