// Every number of the protocol, once, with its reason. Documents and code refer to the name.
// Judges nothing: what happens past a limit is said where it is enforced.

/** Long enough for a sentence-like name, short enough for a link that can be read aloud. */
export const SESSION_NAME_CHARS_MAX = 64
/** The scheme, the colon and the longest name, with room to spare; longer is WSAEFAULT [D4]. */
export const ADDRESS_CHARS_MAX = 128

/** Caller and callee data at a join [D37]: a name, a colour, a token; not a picture. */
export const CONNECT_DATA_BYTES_MAX = 4096
/** The text of a refusal, a removal, an end [E2], in UTF-8 bytes. */
export const REASON_BYTES_MAX = 512

/** The door's password, in UTF-8 bytes: a sentence, if one likes [E5]. */
export const PASSWORD_BYTES_MAX = 256
/** What a browser is known by at a door: 128 random bits in base64url take 22. */
export const MARK_CHARS_MAX = 64
/** People that one session keeps out; with their marks they still fit one control message. */
export const BANS_MAX = 64

/** One WebRTC signal. A data-channel offer with many candidates stays under 4 KiB; four times that is room. */
export const SIGNAL_CHARS_MAX = 16_384
/** The largest control message that a server reads: a signal, or connect data, and its envelope. */
export const CONTROL_BYTES_MAX = 32_768

/** Root and leaves. A full mesh of tabs is comfortable at 16, honest at 32; 1 sender + 60 receivers must fit [E7]. */
export const SESSION_MEMBERS_MAX = 64
/** Requests that may wait at one root, whatever backlog it asks for [C22]. */
export const BACKLOG_MAX = 256
/** What `listen()` without a number gets. */
export const BACKLOG_DEFAULT = 32
/** Descriptors of one association: R and a handle for each leaf, with as many again not yet closed [C54]. */
export const SOCKETS_MAX = 2 * SESSION_MEMBERS_MAX
/** Sessions on one server process: about 2 KiB each when idle. */
export const SESSIONS_MAX = 10_000

/** From joinLeaf to FD_CONNECT, unless the caller says otherwise [D30]. */
export const JOIN_TIMEOUT_MS = 30_000
/** The longest join timeout that is honoured: a lobby may wait an hour for its host. */
export const JOIN_TIMEOUT_MS_MAX = 3_600_000

/** Silence on both carriers for this long is departure; a sign of life before it is not [evidence table]. */
export const GRACE_MS = 15_000
/** How often the server asks each page for a sign of life: with the answer's time below, "suspect" is told within 6 s. */
export const HEARTBEAT_MS = 2_000
/** How long the answer may take: a page that is busy for 3 s is not suspected, one that hangs is known in 5.5 s. */
export const HEARTBEAT_ANSWER_MS = 3_500
/**
 * A control socket that closes when a heartbeat has been unanswered for this long says nothing new: a network that comes back
 * brings the close of a page that gave the old socket up, and lives (decision 0025). A page that crashes answered just before.
 */
export const CLOSED_LATE_MS = 2_000
/** How often a link is probed: driven by the server's heartbeats, and a little slower without them. */
export const PROBE_EVERY_MS = 2_500
/** A deadline that is noticed later than this after it was due: this page slept, and so cannot say who was silent. */
export const OVERSLEPT_MS = 2_000
/** After such a sleep: how long the carriers get to speak before silence is judged. Several round trips of any network. */
export const REPRIEVE_MS = 3_000
/** The same for a probe's answer, which waits behind the timer in a page that was busy: one more turn of its loop. */
export const PROBE_LATE_MS = 100
export const PROBE_REPRIEVE_MS = 50
/**
 * How much later than the leaf whom it tells on their link the root may tell the server that this one is out: as long as a
 * page may take for an answer before it counts as silent.
 */
export const ROOTS_WORD_MS = HEARTBEAT_ANSWER_MS
/** A link that is down or never came up while control is fine: how long to repair before giving up [evidence table]. */
export const REPAIR_MS = 30_000
/** Control sockets that close within this of each other were dropped by what they have in common: a proxy, or a network. */
export const SHARED_OUTAGE_MS = 1_000
/** How long a probe on the link may stay unanswered once the server says the control socket closed. */
export const PROBE_MS_MIN = 250
/** …or this many smoothed round trips, whichever is longer. */
export const PROBE_ROUND_TRIPS = 4
/** After an end announced by the server, how long the link may still bring the tail; each arrival starts it anew. */
export const TAIL_MS = 2_000
/**
 * How long a graceful close waits for its end marker to be answered, from the last progress, before it goes on without: as
 * long as one who is silent counts as here. After a standstill of 10 s SCTP sends the next packet up to 10 s later.
 */
export const CLOSE_FLUSH_MS = GRACE_MS

/** Waits before a lost control socket is dialed again: at once, as a person sees it… */
export const RECONNECT_MS_MIN = 250
/** …and never longer than this, or those who come back would come after the grace of those who wait for them [E4]. */
export const RECONNECT_MS_MAX = 2_000

/**
 * After a start, how long a name waits for those who had it before: longer than two of the waits above, so that whoever is
 * dialing is there first. A server that nobody can come back to does not wait [decision 0018].
 */
export const SETTLING_MS = 5_000
/** …and how long a claim from before the start still counts more than a session that was bound after it. */
export const RECLAIM_MS = 60_000
/**
 * Links that a root's page may make with one leaf before it numbers into those of the page after it, whose epoch is higher
 * by one at least: a signal for a link of the page before is history then [E4]. At REDIAL_MS that is weeks of dialing.
 */
export const LINKS_PER_INCARNATION = 1_048_576
/** Members told again in one message: with the largest profiles they fit CONTROL_BYTES_MAX. */
export const REASSERTED_MEMBERS_MAX = 4

/** An identity token, and a claim: a number, a point and the HMAC-SHA256 in base64url, with room to spare [E4]. */
export const TOKEN_CHARS_MAX = 128
/** Departures that a session remembers, to tell a member that was away of those it missed: one for each place [E4]. */
export const DEPARTURES_KEPT = SESSION_MEMBERS_MAX
/** Those who went, and may come in again without knocking: as many as there are places. Who is forgotten knocks [E4]. */
export const REENTRIES_KEPT = SESSION_MEMBERS_MAX
/** Whom a root remembers to have removed or refused, for when its word was lost with a control socket [E4]. */
export const VERDICTS_KEPT = 4 * SESSION_MEMBERS_MAX

/** Waits before a link is dialed again: soon at first, then politely. Past the end the last one repeats. */
export const REDIAL_MS: readonly number[] = [0, 250, 500, 1_000, 2_000, 4_000]

/** SO_MAX_MSG_SIZE: what one send may carry [E8]. */
export const MESSAGE_BYTES_MAX = 16 * 1024 * 1024
/** One frame on a link. 16 KiB is what every browser takes, and interleaves well. */
export const FRAME_BYTES_MAX = 16_384
/** What a relay writes in front of a lane's frame: a kind, a length, and a member's id. */
export const RELAY_HEADER_BYTES_MAX = 34
/** One frame of a lane: it must fit into a link's frame on either path, so that it can be written again on the other. */
export const LANE_FRAME_BYTES_MAX = FRAME_BYTES_MAX - RELAY_HEADER_BYTES_MAX
/** A piece of a stream: not quite four full frames of a lane, so that streams take turns often and cost little [E8]. */
export const TRANSFER_CHUNK_BYTES = 65_000
/** What of one stream may be sent and unread: 20 MB/s at 50 ms, and all that a slow reader costs anybody's memory. */
export const TRANSFER_WINDOW_BYTES = 1_048_576
/** Streams that one member may have under way, or offer, to another at once. */
export const TRANSFERS_MAX = 32
/** A stream's name, and its media type: a file name is at most 255 bytes on most systems. */
export const TRANSFER_NAME_BYTES_MAX = 512
/** Kept in a fresh link, and in one that several write on: shallow, since a deep queue there costs seconds (measured). */
export const LINK_BUFFER_BYTES = 65_536
/** A channel of a lane that holds more than this answers send with WSAEWOULDBLOCK [D16]; one largest message fits. */
export const LANE_HIGH_BYTES = MESSAGE_BYTES_MAX
/** …and FD_WRITE comes when it has fallen to this. */
export const LANE_LOW_BYTES = LANE_HIGH_BYTES / 2
/** What a message weighs at least in those two: keeping one costs memory even if it is empty. */
export const LANE_MESSAGE_BYTES_MIN = 64
/** A lane acknowledges after this many frames: seldom enough to cost nothing, often enough that little is resent. */
export const ACK_FRAMES_MAX = 32
/** …or after this many bytes, two full frames: what is under way is measured by them, and kept small (decision 0023). */
export const ACK_BYTES_MAX = 32_700
/** …or this long after the first frame that is not acknowledged yet: below what a person notices in a close [D27]. */
export const ACK_DELAY_MS = 50
/**
 * Heartbeats in a row at which nothing had moved on a link that has something under way: then it carries nothing. Three times
 * HEARTBEAT_MS lie between the first and the last: whoever is frozen or busy is known to be silent before (decision 0027).
 */
export const LINK_SILENT_BEATS = 4
/** …and where the next link carries nothing either, twice as many, up to this: at 1 KB/s a full frame takes 16 s. */
export const LINK_SILENT_BEATS_MAX = 32
/** How long a link has, whose other end was missed and is vouched for again, to answer a probe: 64 KiB go before it at 32 KB/s. */
export const LINK_TEST_MS = 2_000
/** A dialed link that is not up after this is dialed anew: ICE on a bad network takes seconds, not tens of them. */
export const DIAL_TIMEOUT_MS = 10_000
/** …between leaves the next time after twice as long, and so on, up to this: who was too slow was busy, and is given time. */
export const DIAL_PATIENCE_MAX = 6
/** Small messages that share a frame: no more than would fill it if each took LANE_MESSAGE_BYTES_MIN. */
export const BATCH_MESSAGES_MAX = FRAME_BYTES_MAX / LANE_MESSAGE_BYTES_MIN
/** What is queued on a link, at most, however much it carries: with 1 MiB a fresh one still stalls (decision 0023). */
export const LINK_BUFFER_BYTES_MAX = 8 * LINK_BUFFER_BYTES
/** The queue on a link that has all the time for one bulk: longer than a busy page takes to answer (20 ms: starved). */
export const LINK_QUEUE_MS = 50
/** …and while somebody talks beside it, of all links of the page together: three frames keep its network busy (decision 0028)… */
export const LINK_TALK_BYTES = 3 * FRAME_BYTES_MAX
/** …but of each link a frame, and what is small beside it. */
export const LINK_TALK_BYTES_MIN = FRAME_BYTES_MAX + 2_048
/** For so long after a word beside a bulk the next one is expected: a cursor moves, a conversation has pauses. */
export const LINK_TALK_MS = 500
/** What a link carries is measured over this long: longer than a turn of the loop, short beside a bulk. */
export const LINK_SAMPLE_MS = 20
/**
 * What a link may hold on top of it: acknowledgements and answers, which do not wait for room. One who takes nothing for
 * 15 s owes a few thousand of them; who makes us keep more of them than this asks, and takes no answers.
 */
export const LINK_ANSWERS_BYTES_MAX = 65_536

/** A pair whose direct link is not up this long after the admission is carried through the root [D24]. */
export const RELAY_AFTER_MS = 2_000
/** Written to a relayed lane and not acknowledged: what one flow may pile up at the root while its receiver is slow. */
export const RELAY_WINDOW_BYTES = 262_144
/** What the root keeps of one flow: a window, what is written again after a link was replaced, and a window's room. */
export const RELAY_QUEUE_BYTES_MAX = 3 * RELAY_WINDOW_BYTES
/** A relayed lane on which nothing was acknowledged for this long greets anew: somebody on the way may have lost a frame. */
export const RELAY_RETRY_MS = 2_000
/** Relayed frames that may not pass, on one link, since the roster last changed here: a window of small ones. */
export const RELAY_STRAYS_MAX = 4_096
/** From full to LANE_LOW_BYTES, before a member is dropped: 1 Mbit/s. SO_SNDTIMEO sets another time [D16]. */
export const SLOW_MEMBER_MS = 60_000
/** The longest that can be set; 0 is for ever. */
export const SLOW_MEMBER_MS_MAX = 3_600_000
