// Winsock's numbers as the stories use them: those of winsock2.h, written down here once more on purpose. The SDK runs in
// the page; that its constants are the true ones is one of the things that a story may find out.

export const JL_SENDER_ONLY = 0x01
export const JL_RECEIVER_ONLY = 0x02
export const JL_BOTH = 0x04

export const SD_RECEIVE = 0
export const SD_SEND = 1
export const SD_BOTH = 2

export const CF_ACCEPT = 0
export const CF_REJECT = 1
export const CF_DEFER = 2

export const FD_READ = 0x001
export const FD_WRITE = 0x002
export const FD_OOB = 0x004
export const FD_ACCEPT = 0x008
export const FD_CONNECT = 0x010
export const FD_CLOSE = 0x020

export const MSG_OOB = 0x1
export const MSG_PEEK = 0x2
export const MSG_WAITALL = 0x8
export const MSG_PARTIAL = 0x8000

/** Bits of dwServiceFlags1 in a catalog entry. */
export const XP1_SUPPORT_MULTIPOINT = 0x0400
export const XP1_MULTIPOINT_CONTROL_PLANE = 0x0800
export const XP1_MULTIPOINT_DATA_PLANE = 0x1000

export const SO_ACCEPTCONN = 0x0002
export const SO_LINGER = 0x0080
export const SO_DONTLINGER = ~0x0080
export const SO_RCVBUF = 0x1002
export const SO_ERROR = 0x1007
export const SO_TYPE = 0x1008
export const SO_GROUP_ID = 0x2001
export const SO_SNDTIMEO = 0x1005
export const SO_MAX_MSG_SIZE = 0x2003

export const SOCK_SEQPACKET = 5
export const SOMAXCONN = 0x7fffffff

export const SIO_MULTIPOINT_LOOPBACK = 0x88000009
export const SIO_MULTICAST_SCOPE = 0x8800000a
export const FIONBIO = 0x8004667e
export const FIONREAD = 0x4004667f
