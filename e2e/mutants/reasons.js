// Why a mutant may survive: each reason with the mutants it covers, by file, by the line they change and by the change
// itself. What is here was read; what is not here is listed in shared/MUTANTS.md as not explained.

/**
 * @typedef {object} Reason
 * @property {string} file the end of its path; '' is any
 * @property {string} code a part of the line
 * @property {(was: string, becomes: string) => boolean} is
 * @property {string} why
 */

const any = () => true

/** @param {string} becomes */
const to = (becomes) => /** @param {string} _ @param {string} replacement */ (_, replacement) => replacement === becomes

const CLOSED = 'The compiler proves that no other case comes: the branch is never taken'
const GUARD =
  'A guard that the compiler asks for, where a lookup finds what the invariants say is there: without it the step would ' +
  'throw instead of doing nothing, and a test would have to break the state by hand'
const SAME = 'The result is the same either way: the line spares work, or decides between two equal things'
const NARROWS =
  'Tells the variants of a union apart for the compiler: what comes next compares a field that only this variant has, and ' +
  'for the others comes to nothing as well'
const NUMBER = 'A number with its reason beside it; no row promises it, and a test would repeat it'
const PROSE = 'A sentence for people: no row promises its words'
const PURE = 'Nothing but a Refusal is ever thrown there: the readers are pure'
const NAME = 'The name of an error class, for people who read a stack'
const REST = 'A name that is told by being none of the others: nothing asks for it by itself'
const ONE =
  'An association has one root, which has one session and one invitation at a time: whatever is asked for is that one'

/** A comparison of a kind that is taken for granted, or for excluded. @param {string} was @param {string} becomes */
const isNarrowing = (was, becomes) =>
  /^(true|false)$/.test(becomes) && /^[\w.?]+(\.kind|\.type)? (===|!==) '[\w-]+'$/.test(was)

/** Several of them, joined otherwise or left out together. @param {string} was @param {string} becomes */
const areNarrowings = (was, becomes) =>
  isNarrowing(was, becomes) ||
  (/\.kind (===|!==) '/.test(was) &&
    (/^(true|false)$/.test(becomes) || becomes.replaceAll(/[()]/g, '').length === was.replaceAll(/[()]/g, '').length))

/** A comparison of two things that are one, taken for granted. @param {string} was @param {string} becomes */
const isOneOf = (was, becomes) => /^(true|false)$/.test(becomes) && /^[\w.?]+ (===|!==) [\w.]+$/.test(was)

/** @type {readonly Reason[]} */
export const REASONS = [
  { file: '', code: 'default:', is: any, why: CLOSED },
  {
    file: '',
    code: 'undefined',
    is: (was, becomes) => becomes === 'false' && /^[\w.[\]?()]+ === (undefined|null)$/.test(was),
    why: GUARD,
  },
  {
    file: '',
    code: 'undefined',
    is: (was, becomes) =>
      /=== undefined \|\| /.test(was) && becomes.replace('(', '').replace(')', '').replace(' && ', ' || ') === was,
    why: GUARD,
  },
  {
    file: '',
    code: 'undefined',
    is: (was, becomes) => becomes === 'false' && /^[\w.]+ === undefined( \|\| [\w.]+ === undefined)+$/.test(was),
    why: GUARD,
  },
  { file: '', code: 'override readonly name', is: any, why: NAME },
  { file: 'protocol/base64.ts', code: 'at < text.length', is: to('at <= text.length'), why: SAME },
  { file: 'protocol/readers.ts', code: "typeof value === 'number'", is: to('true'), why: SAME },
  { file: 'protocol/readers.ts', code: 'value.length <= REASON_BYTES_MAX &&', is: to('true'), why: SAME },
  {
    file: 'protocol/readers.ts',
    code: 'error instanceof Refusal',
    is: to('true'),
    why: PURE,
  },
  {
    file: 'protocol/parse-with.ts',
    code: 'error instanceof Refusal',
    is: to('false'),
    why: PURE,
  },
  { file: 'core/event-record.ts', code: 'posted.length === 0', is: to('false'), why: SAME },
  { file: 'core/lane-depth.ts', code: 'provenAt !== null', is: to('true'), why: SAME },
  { file: 'core/lane-queues.ts', code: 'isLarge(queues.channels[from]', is: any, why: SAME },
  { file: 'core/lane-queues.ts', code: 'cutBytes > 0 ||', is: any, why: SAME },
  { file: 'core/lane-frames.ts', code: 'high === undefined', is: any, why: GUARD },
  { file: 'core/session-state.ts', code: 'awayUntil > last', is: any, why: SAME },
  // A lookup whose answer is there, asked for with a question mark.
  {
    file: '',
    code: '?.',
    is: (was, becomes) => /\?\.\w+$/.test(was) && was.replace(/\?\.(\w+)$/, '.$1') === becomes,
    why: GUARD,
  },
  // Whose socket it is, whose phase: then its session, its number, its handle are compared.
  ...[
    "root.kind !== 'root' || root.inviting?.",
    "root?.kind !== 'root' || root.phase.kind !== 'listening'",
    "handle?.kind !== 'handle' || handle.phase.kind !== 'inviting'",
    "socket.kind !== 'leaf' || socket.phase.kind !== 'joining'",
    "socket.kind !== 'leaf' || socket.phase.kind !== 'accepted'",
    "socket.kind !== 'leaf' || socket.phase.kind !== 'binding'",
    "socket.kind !== 'handle' || socket.phase.kind !== 'accepted'",
    "socket.kind !== 'handle' || socket.phase.kind !== 'ended'",
    "socket.kind !== 'handle' || socket.session !== session",
    "socket.kind === 'leaf' && socket.phase.kind === ",
    "socket.kind === 'root' && socket.phase.kind === ",
    "s.kind === 'handle' && s.phase.kind === 'accepted'",
    "socket.phase.kind === 'inviting' && socket.phase.leaf === member",
    "phase.kind === 'accepted' && phase.session === session",
    "dead?.kind === 'handle'",
    "live?.kind === 'root'",
    "bound?.kind === 'root'",
    "root?.kind === 'root'",
    "root.kind === 'root' && toArray(",
    "leaf?.kind === 'leaf'",
    "leaf?.kind !== 'leaf'",
    "handle?.kind === 'handle'",
    "handle?.kind !== 'handle'",
    "root.kind !== 'root' || root.phase.kind !== 'binding'",
    "root?.kind !== 'root' || control.kind !== 'up'",
    "path.kind === 'relayed' && ",
    "peer.path.kind === 'relayed' && peer.path.answers",
    "control.kind === 'up' ? control.self",
    "socket.kind !== 'root' || socket.phase.kind !== 'binding'",
    "now?.kind !== 'root'",
    "told.state.kind === 'bound'",
    "step.state.kind === 'watching'",
    "listener.phase.kind === 'waiting'",
    "socket.phase.kind === 'waiting' ?",
    "note.kind === 'presence' && ",
    "note.kind === 'evidence' && ",
    "state.peerControl.kind === 'gone' &&",
    "step.state.kind !== 'bound') return step",
    "state.kind !== 'awaited' || state.claimed?.root",
    "state.kind !== 'bound' || root === undefined || obstacle",
    "before.kind === 'bound' && before.born === after.born",
    "if (state.kind === 'vacant') return go(state)",
    "socket.kind !== 'leaf' || socket.phase.kind !== 'waiting'",
    "socket.kind !== 'leaf') continue",
    "socket.kind !== 'root' && socket.kind !== 'leaf')",
    "socket.kind === 'handle' && socket.phase.kind === 'accepted' && socket.session",
    "phase.kind !== 'accepted') return",
    "handle.phase.kind !== 'open') return",
    "s.kind === 'leaf' && (s.phase.kind",
    "socket.kind === 'leaf') return ask(",
    "handle.phase.kind === 'inviting' && handle.phase.isAccepted",
    'self === root ? turn.socket(socket)',
    "control.kind === 'lost' ? later(",
    "frame.type !== 'fragment' || frame.channel !== channel",
    "inbound.owed.kind === 'owed' ? [inbound.owed.at]",
    "owed.kind === 'nothing') return false",
    "state.inbound.owed.kind === 'nothing' && inbound.owed.kind === 'owed'",
    "state.probe.kind === 'none' || state.probe.nonce",
    "end.kind === 'written' && end.seq < upto",
    "if (outbound.end.kind !== 'due') return undefined",
    "if (control.kind !== 'up') return",
    "socket.kind !== 'leaf') return null",
    "socket.phase.kind === 'joining' || socket.phase.kind === 'entering' ? socket.phase.deadline",
    "link.kind === 'dialing' || link.kind === 'resting' ? link.until",
    "path.kind === 'expected' ? path.until",
    "root.phase.kind === 'binding' ? root.phase.claim",
  ].map((code) => ({ file: '', code, is: areNarrowings, why: NARROWS })),
  // Two equal things, or work that is spared.
  ...[
    ['core/departure-judgement.ts', 'other < one ? other : one'],
    ['core/departure-judgement.ts', 'other !== null && other > one'],
    ['core/departure-judgement.ts', 'suspectAt !== null && suspectAt > at'],
    ['core/socket-data.ts', 'session === null ? undefined'],
    ['core/socket-data.ts', 'peer !== undefined && !peer.owed'],
    ['core/socket-data.ts', 'aside.length > 0'],
    ['core/socket-data.ts', 'aside.length === messages.length'],
    ['core/socket-data.ts', "messages.every(({ channel }) => channel === 'session')"],
    ['core/socket-data.ts', 'toAll.length > 0'],
    ['core/socket-streams.ts', 'session === null ? undefined'],
    ['core/socket-streams.ts', 'session === null || !isMemberId(member)'],
    ['core/socket-streams.ts', 'session !== null && '],
    ['core/socket-streams.ts', 'input.messages.some('],
    ['core/socket-streams.ts', 'frames.length === 0'],
    ['core/socket-events.ts', 'socket.record.mask === 0'],
    ['core/socket-events.ts', 'connect === null && close === null'],
    ['core/socket-events.ts', 'posted.length === 0'],
    ['core/socket-events.ts', 'socket.record.close !== null && '],
    ['core/socket-turn.ts', 'id === null ? undefined'],
    ['core/socket-pulse.ts', 'pulse.kind'],
    ['core/socket-leaving.ts', 'lingerSeconds !== null && lingerSeconds > 0'],
    ['core/socket-leaving.ts', 'role !== undefined && '],
    ['core/socket-leaving.ts', 'closeOn !== null'],
    ['core/socket-members.ts', 'closeOn !== null'],
    ['core/session-gap.ts', 'proof.born > state.born'],
    ['core/session-gap.ts', 'entry.member === root ? null'],
    ['core/session-return.ts', 'overdue.length === 0'],
    ['core/utf8.ts', 'replaceAll(/\\p{Surrogate}/gu'],
    ['core/socket-naming.ts', "typeof value === 'number' && Number.isInteger"],
    ['core/socket-naming.ts', "typeof value !== 'number' || !Number.isInteger"],
    ['protocol/door.ts', "typeof value === 'string'"],
    ['protocol/readers.ts', 'value.length <= bytesMax'],
    ['core/lane', 'length > 0'],
  ].map(([file = '', code = '']) => ({ file, code, is: any, why: SAME })),
  // The same, for this very change.
  ...[
    ['core/lane-depth.ts', 'sample === null'],
    ['core/lane-inbound.ts', '!more && begun === null'],
    ['core/lane-outbound.ts', '!more && size(begun[channel]) === 0'],
    ['core/lane-outbound.ts', 'size(outbound.resend) > 0'],
    ['core/lane-path.ts', "path.kind === 'down'"],
    ['core/lane-renewal.ts', "end.kind !== 'written'"],
    ['core/lane.ts', "state.path.kind === 'down'"],
    ['core/lane.ts', 'enough === hasFullFrame && path.roomBytes < LANE_FRAME_BYTES_MAX'],
    ['core/relay-frames.ts', 'bytes.length > FRAME_BYTES_MAX'],
    ['core/session-gap.ts', 'held.claimed.born > proof.born'],
    ['core/socket-association.ts', 'membership.self !== membership.root'],
    ['core/socket-deadlines.ts', 'deadline !== null'],
    ['core/socket-deadlines.ts', 'patience === 0'],
    ['core/socket-events.ts', "socket.phase.kind === 'listening'"],
    ['core/socket-joining.ts', 'socket.phase.session === session'],
    ['core/socket-leaving.ts', 'membership.leaving === null'],
    ['core/socket-members.ts', "turnedAway.get(member)?.kind === 'lost'"],
    ['core/socket-members.ts', '(turn.membership(session)?.leaving ?? null) !== null'],
    ['core/socket-members.ts', 'membership.self === membership.root'],
    ['core/socket-paths.ts', "peer.path.kind === 'direct'"],
    ['core/socket-paths.ts', "link.kind !== 'none'"],
    ['core/socket-paths.ts', 'lingersUntil === null'],
    ['core/socket-reload.ts', 'entry.member === self'],
    ['core/socket-reload.ts', 'before.self === before.root'],
    ['core/socket-state.ts', "socket.phase.kind === 'binding'"],
  ].map(([file = '', code = '']) => ({
    file,
    code,
    is: (/** @type {string} */ was, /** @type {string} */ becomes) => was === code && /^(true|false)$/.test(becomes),
    why: SAME,
  })),
  // Whose it is, and no more.
  ...[
    ['core/lane.ts', "frame.type === 'end'", 'true'],
    ['core/socket-naming.ts', "socket.kind === 'handle'", 'false'],
  ].map(([file = '', code = '', becomes = '']) => ({
    file,
    code,
    is: (/** @type {string} */ was, /** @type {string} */ now) => was === code && now === becomes,
    why: NARROWS,
  })),
  // What would be done if a guard were not one.
  ...[
    ['core/socket-accepting.ts', 'queueOf(listener) ?? []'],
    ['core/socket-accepting.ts', 'which(w) && w.gone === null) ?? -1'],
    ['core/socket-accepting.ts', "if (handle === undefined) return turn.fail('WSAECONNRESET')"],
    ['core/socket-joining.ts', "if (handle?.kind !== 'handle') return turn.put("],
    ['core/session-reload.ts', "code: obstacle ?? 'WSAENOTCONN'"],
  ].map(([file = '', code = '']) => ({ file, code, is: any, why: GUARD })),
  // Of a root whose page is gone it is known how long it is waited for.
  { file: 'core/session-reload.ts', code: 'until !== null && at >= until', is: to('true'), why: GUARD },
  { file: 'core/session-reload.ts', code: 'until === null ||', is: to('false'), why: GUARD },
  { file: 'core/departure-judgement.ts', code: 'awaitedUntil === null ? null', is: to('false'), why: GUARD },
  { file: 'core/socket-joining.ts', code: 'if (membership !== undefined) startLeaving(', is: to('true'), why: GUARD },
  { file: 'core/socket-reload.ts', code: 'if (membership !== undefined) {', is: to('true'), why: GUARD },
  { file: 'core/socket-accepting.ts', code: "{ name: 'accept', decision: CF_ACCEPT", is: any, why: REST },
  // A limit that only says when work is spared, or an end of two equal ones.
  { file: 'core/lane-outbound.ts', code: 'weight >= LANE_FRAME_BYTES_MAX', is: (_, b) => b.includes(' > '), why: SAME },
  { file: 'core/lane-outbound.ts', code: 'if (upto <= outbound.ackedSeq)', is: (_, b) => b.includes(' < '), why: SAME },
  { file: 'core/lane-queues.ts', code: 'if (due >= earliest) continue', is: any, why: SAME },
  { file: 'core/lane.ts', code: 'step.effects.slice()', is: to('step.effects'), why: SAME },
  { file: 'core/lane.ts', code: "path.kind === 'up' && path.over === over", is: to('true'), why: SAME },
  { file: 'core/relay-frames.ts', code: 'i < member.length', is: any, why: SAME },
  // What a lane begins with, and has no meaning before it is another.
  { file: 'core/lane-state.ts', code: "answerOver: 'direct',", is: to('""'), why: SAME },
  { file: 'core/lane-renewal.ts', code: "answerOver: 'direct',", is: to('""'), why: SAME },
  { file: 'core/lane', code: "probe: { kind: 'none' }", is: any, why: REST },
  // The last of several names.
  ...[
    ['core/departure.ts', "kind: 'silent'"],
    ['core/lane.ts', "probe: { kind: 'asked'"],
    ['core/lane-inbound.ts', "'taken'"],
    ['core/lane-inbound.ts', "kind: 'open', unfinished"],
    ['core/session-gap.ts', "dismantled(state, REPLACED, 'kept')"],
    ['core/session-return.ts', "'kept' : 'spent'"],
    ['core/session-return.ts', "requestGone(state, waiting, 'closed')"],
    ['core/session-threshold.ts', "requestGone(state, waiting, 'closed')"],
    ['core/session-threshold.ts', "cancelInvitation(state, open.invitation, 'closed')"],
    ['core/session.ts', "{ type: 'returned', from, message"],
    ['core/explanation.ts', "= 'other'): Explanation"],
    ['core/socket-association.ts', "'WSAENETUNREACH', 'nobody')"],
    ['core/socket-streams.ts', "mayPass(membership, peer, bytes, 'in')"],
    ['core/socket-streams.ts', "laneViolated(turn, { type: 'laneViolated'"],
  ].map(([file = '', code = '']) => ({ file, code, is: to('""'), why: REST })),
  // There is one of them.
  ...[
    ['core/socket-accepting.ts', 's.session === session &&'],
    ['core/socket-accepting.ts', 'socket.session === session) entering += 1'],
    ['core/socket-members.ts', 'socket.session !== session) continue'],
    ['core/socket-members.ts', 'root.inviting?.handle !== handle.id'],
    ['core/socket-leaving.ts', 'root.inviting?.handle !== handle.id'],
  ].map(([file = '', code = '']) => ({
    file,
    code,
    is: isOneOf,
    why: ONE,
  })),
  { file: 'protocol/limits.ts', code: ' = ', is: any, why: NUMBER },
  { file: 'core/explanation.ts', code: ": '',", is: any, why: PROSE },
]
