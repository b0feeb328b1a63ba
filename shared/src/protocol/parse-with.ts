// The frame of both parsers: finds the message's type, lets its reader build the message, and turns a refusal into a
// violation that names the message and the field. Never throws on anything that JSON or socket.io can deliver.
// Must not know which messages there are. Carries A17.

import type { ClientMessage, ServerMessage } from './messages.ts'
import { fields, Refusal } from './readers.ts'
import type { Fields } from './readers.ts'
import type { ProtocolViolation } from './violation.ts'

type AnyType = ClientMessage['type'] | ServerMessage['type']

export function parseWith<Type extends AnyType, Message>(
  value: unknown,
  isType: (type: string) => type is Type,
  read: (type: Type, fields: Fields) => Message,
): Message | ProtocolViolation {
  let known: Type | null = null
  try {
    const f = fields(value)
    const type = f('type', asString)
    if (!isType(type)) return { kind: 'violation', rule: 'no such message', message: null, code: 'WSAEOPNOTSUPP' }
    known = type
    return read(type, f)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'violation', rule: `${known ?? 'a message'}: ${error.message}`, message: known, code: 'WSAEFAULT' }
  }
}

function asString(value: unknown): string {
  if (typeof value !== 'string') throw new Refusal('must be a string')
  return value
}
