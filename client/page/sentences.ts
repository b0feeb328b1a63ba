// Every cause and error in words that a person understands: all sentences about comings, goings and failures, once.
// Pure text: what others wrote is handed on as `word`, apart from our own sentence, or in quotation marks within it.
// Knows the SDK's causes by name [E2], and nothing of screens.

import type { Cause, DoorMode, DoorRefusal, Initiator, TransferEnd } from '../src/index.ts'
import { MESSAGE_BYTES_MAX } from './message-codec.ts'
import { oneLine, sizeInWords } from './display-text.ts'

/** Bytes of a reason are limited; this many UTF-16 units are never more than 510 bytes of UTF-8. */
export const WORD_CHARS_MAX = 170

/** How something ended, as the SDK tells it. */
export type Ending = {
  readonly name: string
  readonly cause: Cause | null
  readonly initiator: Initiator | null
  readonly text: string
  /** Whether it was the door that turned somebody away, and why. */
  readonly door?: DoorRefusal | null
}

/** What a screen says about an end: what happened, what it means or what to do, and the other side's own words. */
export type Account = { readonly title: string; readonly detail: string; readonly word: string }

// The door [E5].

export const DOOR_MODES: readonly (readonly [mode: DoorMode, words: string])[] = [
  ['knock', 'Whom I let in'],
  ['open', 'Whoever has the link'],
  ['locked', 'Nobody'],
]

/** How the door stands, in a line. */
export function doorSentence({ mode, password }: { readonly mode: DoorMode; readonly password: string }): string {
  const what = { knock: 'Guests knock', open: 'The door is open', locked: 'The door is locked' }[mode]
  return password === '' || mode === 'locked' ? what : `${what}, with a password`
}

// Somebody comes or goes.

export function knockSentence(name: string): string {
  return `${name} asks to be let in`
}

export function joinedSentence(name: string): string {
  return `${name} joined`
}

// The host's page is reloaded, or crashes and is opened again [E4].

export function awaySentence(name: string): string {
  return `${name}’s page went away`
}

export function backSentence(name: string): string {
  return `${name} is back`
}

/** For guests, as long as it lasts. */
export const HOST_AWAY =
  'The host’s page is reloading, or was closed. Waiting for up to 15 seconds; what you send meanwhile is delivered then.'

export const CAME_BACK = 'You are back in your session. What was said before cannot be shown any more.'

export const CAME_TOO_LATE = 'Your session is over, since nobody hosted it for too long; or it goes on in another tab.'

/** Why somebody else is not here any more. */
export function leftSentence(name: string, { cause, initiator, text }: Ending): string {
  const isTheirWord = cause === 'left' || cause === 'removed' || cause === 'ended'
  return withWord(departure(name, cause, initiator), isTheirWord ? text : '')
}

function departure(name: string, cause: Cause | null, initiator: Initiator | null): string {
  switch (cause) {
    case 'removed':
      return initiator === 'self' ? `You removed ${name}` : `${name} was removed by the host`
    case 'crashed':
    case 'root-lost':
      return `${name}’s page crashed or lost its power`
    case 'link-lost':
      return `The connection to ${name} was lost`
    case 'timed-out':
      return `${name} has not been heard from for too long`
    case 'offline':
      return `${name} was lost because this device is offline`
    case 'replaced':
      return `${name} moved to another page`
    case 'protocol-error':
      return `${name} was dropped: something was sent that nobody understands`
    case 'server-shutdown':
      return `${name} was lost because the server shut down`
    case 'ended':
      return `${name} ended the session`
    case 'left':
    case 'refused':
    case null:
      return `${name} left`
    default:
      return unnamed(cause)
  }
}

function withWord(sentence: string, text: string): string {
  const word = oneLine(text, 512)
  return word === '' ? sentence : `${sentence}: “${word}”`
}

// One's own session is over.

export function closedAccount({ cause, initiator, text }: Ending): Account {
  const own = initiator === 'self'
  const isHostsWord = !own && (cause === 'ended' || cause === 'removed')
  return { ...closing(cause, own), word: isHostsWord ? oneLine(text, 512) : '' }
}

function closing(cause: Cause | null, own: boolean): Omit<Account, 'word'> {
  switch (cause) {
    case 'ended':
      return own
        ? { title: 'You ended the session', detail: 'It is over for everybody who was in or waiting.' }
        : { title: 'The host ended the session', detail: '' }
    case 'removed':
      return { title: 'The host removed you', detail: 'You can ask to be let in again; the host decides.' }
    case 'root-lost':
    case 'crashed':
      return {
        title: 'The host is gone',
        detail: 'The host’s page closed and did not come back, so the session is over.',
      }
    case 'link-lost':
      return { title: 'The connection to the host was lost', detail: 'It could not be repaired in time.' }
    case 'timed-out':
      return { title: 'The host could not be heard any more', detail: 'Either side may have lost its network.' }
    case 'offline':
      return { title: 'This device went offline', detail: 'Check its network, then ask to be let in again.' }
    case 'server-shutdown':
      return { title: 'The server shut down', detail: 'It may be back in a moment.' }
    case 'replaced':
      return { title: 'You joined from another page', detail: 'The session goes on there.' }
    case 'protocol-error':
      return { title: 'The session broke', detail: 'Something was sent that could not be understood.' }
    case 'left':
    case 'refused':
    case null:
      return { title: 'You left the session', detail: '' }
    default:
      return unnamed(cause)
  }
}

/** Whether asking again may help: the session may still be there. */
export function mayAskAgain(cause: Cause | null): boolean {
  return cause !== 'ended' && cause !== 'replaced'
}

// Asking to be let in, and starting a session, can fail.

export function joinFailure(failure: Ending): Account {
  if (failure.door === 'locked') {
    return { title: 'The session is locked', detail: 'Nobody is let in at the moment. Ask the host.', word: '' }
  }
  if (failure.door === 'banned') return { title: 'The host does not let you in', detail: '', word: '' }
  return failure.initiator === 'root' ? doorAnswer(failure) : { ...notIn(failure), word: '' }
}

/** The host's own answer, or the host's going while one waits. */
function doorAnswer({ cause, text }: Ending): Account {
  const word = oneLine(text, 512)
  if (cause !== 'ended') return { title: 'The host did not let you in', detail: '', word }
  return { title: 'The session ended before you were let in', detail: '', word }
}

function notIn({ name, cause, initiator, text }: Ending): Omit<Account, 'word'> {
  switch (name) {
    case 'WSAECONNREFUSED':
      if (cause === 'refused' && initiator === 'server') return serversRefusal(text)
      return { title: 'The host is gone', detail: 'Nobody is there to let you in. The host may come back.' }
    case 'WSAEACCES':
      return { title: 'Too many wrong passwords', detail: 'Wait a minute, and ask the host for the right one.' }
    case 'WSAETIMEDOUT':
      return { title: 'No answer from the host in time', detail: 'The host may be away. You can ask again.' }
    case 'WSAEFAULT':
    case 'WSAEADDRNOTAVAIL':
    case 'WSAEAFNOSUPPORT':
      return { title: 'This link does not work', detail: 'It names no session. Ask the host to send it again.' }
    default:
      return unreached(name, cause)
  }
}

/** The server says why in words of its own; there is one code for both. */
function serversRefusal(text: string): Omit<Account, 'word'> {
  return /too many/i.test(text)
    ? { title: 'Too many are waiting', detail: 'Try again in a moment.' }
    : {
        title: 'Nobody is hosting a session at this address',
        detail: 'It may not have started yet, or be over already. Check the link with the host.',
      }
}

export function hostFailure({ name, cause }: Ending): Account {
  if (name === 'WSAEADDRINUSE') {
    return { title: 'The session could not be started', detail: 'Its name is taken. Try again.', word: '' }
  }
  return { ...unreached(name, cause), word: '' }
}

function unreached(name: string, cause: Cause | null): Omit<Account, 'word'> {
  if (cause === 'offline') {
    return { title: 'This device is offline', detail: 'Check its network connection, then try again.' }
  }
  switch (name) {
    case 'WSAENETDOWN':
    case 'WSAENETUNREACH':
    case 'WSAEHOSTUNREACH':
    case 'WSASYSNOTREADY':
      return { title: 'The server cannot be reached', detail: 'Check the network connection, or try again later.' }
    default:
      return { title: 'That did not work', detail: `An error that this page does not know: ${name}.` }
  }
}

/** A decision of the host's that could not be carried out. */
export function decisionFailure(name: string): string {
  switch (name) {
    case 'WSAEMFILE':
      return 'The session is full: nobody else can be let in'
    case 'WSAENETDOWN':
      return 'The server cannot be reached right now: nobody can be let in or turned away'
    default:
      return `That could not be done any more: somebody is gone meanwhile (${name})`
  }
}

// Sending can fail.

export function sendFailure(what: string, name: string): string {
  switch (name) {
    case 'WSAEMSGSIZE':
      return `${what} was not sent: it is larger than ${sizeInWords(MESSAGE_BYTES_MAX)}`
    case 'WSAENOTCONN':
    case 'WSAESHUTDOWN':
    case 'WSAENOTSOCK':
    case 'WSANOTINITIALISED':
    case 'WSAECONNRESET':
      return `${what} was not sent: the connection is over`
    case 'WSAEOPNOTSUPP':
      return `${what} was not sent: you may only listen in this session`
    default:
      return `${what} was not sent (${name})`
  }
}

/** Why a file is not sent at all. */
export function fileRefused(fileName: string, error: string): string {
  if (error === 'WSAENOBUFS') return `${fileName} was not sent: too many files are on their way`
  return sendFailure(fileName, error)
}

/** Why a file did not get there, for whoever sent it or was to have it. */
export function fileStopped(end: TransferEnd, side: 'sender' | 'receiver'): string {
  switch (end.kind) {
    case 'declined':
      return side === 'sender' ? 'declined' : 'you declined it'
    case 'aborted':
      if (end.by === 'self') return 'you stopped it'
      return side === 'sender' ? 'the other side stopped it' : 'its sender took it back'
    case 'failed':
      return side === 'sender' ? 'it could not be sent to its end' : 'it did not arrive whole'
    case 'done':
      return ''
    default:
      return unnamed(end)
  }
}

export function messageUnreadable(name: string): string {
  return `${name} sent something that this page cannot show`
}

/** A cause that a newer SDK may know. */
function unnamed(cause: never): never {
  throw new RangeError(`no sentence for ${String(cause)}`)
}
