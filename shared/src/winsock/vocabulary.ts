// Winsock 2's constants for multipoint sessions, with the values of winsock2.h (specification, section 9).
// Owns names and numbers, nothing else: what they mean in a session is judged in core/.

/** Socket creation flags (WSASocket). Exactly one C_ and one D_ flag make a multipoint socket [C2–C9]. */
export const WSA_FLAG_OVERLAPPED = 0x01
export const WSA_FLAG_MULTIPOINT_C_ROOT = 0x02
export const WSA_FLAG_MULTIPOINT_C_LEAF = 0x04
export const WSA_FLAG_MULTIPOINT_D_ROOT = 0x08
export const WSA_FLAG_MULTIPOINT_D_LEAF = 0x10
export const WSA_FLAG_ACCESS_SYSTEM_SECURITY = 0x40
export const WSA_FLAG_NO_HANDLE_INHERIT = 0x80

/** joinLeaf's dwFlags. JL_BOTH is a value of its own, not the OR of the other two [C57]. */
export const JL_SENDER_ONLY = 0x01
export const JL_RECEIVER_ONLY = 0x02
export const JL_BOTH = 0x04
export type JoinFlag = typeof JL_SENDER_ONLY | typeof JL_RECEIVER_ONLY | typeof JL_BOTH

/** Network events: the mask's bits, and each bit's index into an error-code array. */
export const FD_READ = 0x001
export const FD_WRITE = 0x002
export const FD_OOB = 0x004
export const FD_ACCEPT = 0x008
export const FD_CONNECT = 0x010
export const FD_CLOSE = 0x020
export const FD_QOS = 0x040
export const FD_GROUP_QOS = 0x080
export const FD_ROUTING_INTERFACE_CHANGE = 0x100
export const FD_ADDRESS_LIST_CHANGE = 0x200
export const FD_ALL_EVENTS = 0x3ff
export const FD_MAX_EVENTS = 10
export const FD_READ_BIT = 0
export const FD_WRITE_BIT = 1
export const FD_OOB_BIT = 2
export const FD_ACCEPT_BIT = 3
export const FD_CONNECT_BIT = 4
export const FD_CLOSE_BIT = 5
export const FD_QOS_BIT = 6
export const FD_GROUP_QOS_BIT = 7
export const FD_ROUTING_INTERFACE_CHANGE_BIT = 8
export const FD_ADDRESS_LIST_CHANGE_BIT = 9

/** The five events that a multipoint socket of ours can post [C144], by name. */
export const NETWORK_EVENTS = { FD_READ, FD_WRITE, FD_ACCEPT, FD_CONNECT, FD_CLOSE } as const
export type NetworkEventName = keyof typeof NETWORK_EVENTS

/** shutdown's `how`. */
export const SD_RECEIVE = 0
export const SD_SEND = 1
export const SD_BOTH = 2

/** What a condition function may answer. */
export const CF_ACCEPT = 0
export const CF_REJECT = 1
export const CF_DEFER = 2

/** Socket groups: reserved; only 0 is accepted here [D38]. */
export const SG_UNCONSTRAINED_GROUP = 1
export const SG_CONSTRAINED_GROUP = 2

/** WSAPROTOCOL_INFO.dwServiceFlags1. */
export const XP1_CONNECTIONLESS = 0x1
export const XP1_GUARANTEED_DELIVERY = 0x2
export const XP1_GUARANTEED_ORDER = 0x4
export const XP1_MESSAGE_ORIENTED = 0x8
export const XP1_PSEUDO_STREAM = 0x10
export const XP1_GRACEFUL_CLOSE = 0x20
export const XP1_EXPEDITED_DATA = 0x40
export const XP1_CONNECT_DATA = 0x80
export const XP1_DISCONNECT_DATA = 0x100
export const XP1_SUPPORT_BROADCAST = 0x200
export const XP1_SUPPORT_MULTIPOINT = 0x400
export const XP1_MULTIPOINT_CONTROL_PLANE = 0x800
export const XP1_MULTIPOINT_DATA_PLANE = 0x1000
export const XP1_QOS_SUPPORTED = 0x2000
export const XP1_UNI_SEND = 0x8000
export const XP1_UNI_RECV = 0x10000
export const XP1_PARTIAL_MESSAGE = 0x40000

/** Our catalog entry: reliable, ordered, message-oriented, rooted control, nonrooted data [C12, D13]. */
export const SERVICE_FLAGS_1 =
  XP1_GUARANTEED_DELIVERY |
  XP1_GUARANTEED_ORDER |
  XP1_MESSAGE_ORIENTED |
  XP1_GRACEFUL_CLOSE |
  XP1_CONNECT_DATA |
  XP1_SUPPORT_MULTIPOINT |
  XP1_MULTIPOINT_CONTROL_PLANE

/** Ioctl codes; the unsigned values of the header's macros. */
export const IOC_VOID = 0x20000000
export const IOC_OUT = 0x40000000
export const IOC_IN = 0x80000000
export const IOC_WS2 = 0x08000000
export const SIO_FLUSH = 0x28000004
export const SIO_GET_QOS = 0xc8000007
export const SIO_GET_GROUP_QOS = 0xc8000008
export const SIO_MULTIPOINT_LOOPBACK = 0x88000009
export const SIO_MULTICAST_SCOPE = 0x8800000a
export const SIO_SET_QOS = 0x8800000b
export const SIO_SET_GROUP_QOS = 0x8800000c
export const FIONBIO = 0x8004667e
export const FIONREAD = 0x4004667f
export const SIOCATMARK = 0x40047307

/** Flags of send and recv. */
export const MSG_OOB = 0x1
export const MSG_PEEK = 0x2
export const MSG_DONTROUTE = 0x4
export const MSG_WAITALL = 0x8
export const MSG_PARTIAL = 0x8000

/** Socket options. */
export const SOL_SOCKET = 0xffff
export const SO_ACCEPTCONN = 0x0002
export const SO_LINGER = 0x0080
/** Milliseconds that a slow member may keep everybody from sending; 0 is for ever [D16]. */
export const SO_SNDTIMEO = 0x1005
export const SO_DONTLINGER = ~0x0080
export const SO_OOBINLINE = 0x0100
export const SO_SNDBUF = 0x1001
export const SO_RCVBUF = 0x1002
export const SO_ERROR = 0x1007
export const SO_TYPE = 0x1008
export const SO_GROUP_ID = 0x2001
export const SO_GROUP_PRIORITY = 0x2002
export const SO_MAX_MSG_SIZE = 0x2003
export const SO_CONDITIONAL_ACCEPT = 0x3002

export const SOMAXCONN = 0x7fffffff

/** SOMAXCONN_HINT(n) is −n in the header: "about n, provider, you adjust". */
export const SOMAXCONN_HINT = (backlog: number): number => -backlog

export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_RDM = 4
export const SOCK_SEQPACKET = 5
