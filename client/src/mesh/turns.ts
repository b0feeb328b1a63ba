// Whose turn it is to write on a link: the lane of the link's own member, the lanes that are relayed over it, and what
// the root passes on over it. Each that wants to write gets one frame's room in turn, so that none waits longer than one
// frame of each other one. Knows nothing of frames and links. Rows: [D24] a relay is fair.

export interface Writer {
  readonly wantsRoom: boolean
  /** Writes at least one frame if it wants room and gets that of a full one. */
  takeRoom(bytes: number): void
}

export class Turns {
  /** In the order in which they had their turns: the first had none for longest. */
  readonly #writers = new Set<Writer>()

  add(writer: Writer): void {
    this.#writers.add(writer)
  }

  delete(writer: Writer): void {
    this.#writers.delete(writer)
  }

  /** Who is next, of those that want to write. */
  next(): Writer | undefined {
    for (const writer of this.#writers) if (writer.wantsRoom) return writer
    return undefined
  }

  /** Does nobody else want to write? */
  isAlone(writer: Writer): boolean {
    for (const other of this.#writers) if (other !== writer && other.wantsRoom) return false
    return true
  }

  /** It has its turn now, and is last from here on. */
  taken(writer: Writer): void {
    this.#writers.delete(writer)
    this.#writers.add(writer)
  }
}
