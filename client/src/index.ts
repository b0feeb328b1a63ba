// joinleaf's public surface, reviewed like an API. Two layers: sessions (host, join), and Winsock's own sockets below
// them with its constants and errors. Importing it touches no window, no document and no network.

export * from './sessions/index.ts'
export * from './sockets/index.ts'
export { WsaError, wsaMeaning, wsaNumber } from '@joinleaf/shared'
export type { TransferEnd } from '@joinleaf/shared'
export type { Cause, DoorRefusal, Initiator, NetworkEventName, WsaCode, WsaErrorCode } from '@joinleaf/shared'

export {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  FD_ACCEPT,
  FD_ALL_EVENTS,
  FD_CLOSE,
  FD_CONNECT,
  FD_OOB,
  FD_QOS,
  FD_READ,
  FD_WRITE,
  FIONBIO,
  FIONREAD,
  JL_BOTH,
  JL_RECEIVER_ONLY,
  JL_SENDER_ONLY,
  MSG_OOB,
  MSG_PARTIAL,
  MSG_PEEK,
  MSG_WAITALL,
  SD_BOTH,
  SD_RECEIVE,
  SD_SEND,
  SIO_MULTICAST_SCOPE,
  SIO_MULTIPOINT_LOOPBACK,
  SO_ACCEPTCONN,
  SO_DONTLINGER,
  SO_LINGER,
  SO_MAX_MSG_SIZE,
  SO_TYPE,
  SOMAXCONN,
  WSA_FLAG_MULTIPOINT_C_LEAF,
  WSA_FLAG_MULTIPOINT_C_ROOT,
  WSA_FLAG_MULTIPOINT_D_LEAF,
  WSA_FLAG_MULTIPOINT_D_ROOT,
  WSA_FLAG_OVERLAPPED,
} from '@joinleaf/shared'
