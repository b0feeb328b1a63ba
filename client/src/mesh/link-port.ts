// The port to a link: one ordered, reliable, message-oriented channel to one other member, made by exchanging signals.
// Knows nothing of members, lanes or frames' contents. Rows: [D13] what a link promises, [D16] its buffer, [D26] its end.
// Every implementation passes the suite in link-contract.ts; what the comments here promise is proved there.

export interface LinkPort {
  open(opening: LinkOpening): Link
}

/** None of the callbacks is called from within `open` or a method of the link. */
export interface LinkOpening {
  /** Exactly one of the two ends is; which one is decided above, by the members' ids. */
  readonly initiator: boolean
  /** It is made at once, whatever else is being made: somebody waits for it. */
  readonly isUrgent: boolean
  /** To be handed to the other end's `signal`, in this order. Opaque. */
  onSignal(data: string): void
  /** At most once. No frame arrives before it. */
  onOpen(): void
  /** One message of the channel. The bytes are the receiver's. */
  onFrame(bytes: Uint8Array): void
  /** `bufferedAmount` has fallen to half of LINK_BUFFER_BYTES or less, after it was above. */
  onRoom(): void
  /** At most once, and the last call: the link failed, or the other end closed it. Not after the own `close`. */
  onClosed(why: string): void
}

export interface Link {
  /**
   * Takes what the other end gave to its `onSignal`. Signals may come as soon as the link exists. Whatever is not a
   * signal for this end closes the link, with `onClosed`; after the end it is ignored.
   */
  signal(data: string): void
  /** Sends one frame; the bytes are copied. Before `onOpen` and after the end it is lost without a sound. */
  write(frame: Uint8Array): void
  /** Bytes that were written and have not left yet. */
  readonly bufferedAmount: number
  /** What was written before still goes out if it can; nothing is called back any more. May be repeated. */
  close(): void
}
