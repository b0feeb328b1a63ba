// What was said and what happened, oldest first: messages, files, notices. Follows the newest entry while one reads at
// the end, and leaves whoever scrolled back alone. Everything is shown as text; a file is offered to be saved.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Component } from 'preact'
import type { RefObject } from 'preact'
import type { Author, LogEntry } from '../room-state.ts'
import { FileComing, FileGoing } from './file-entry.tsx'
import type { FileActions } from './file-entry.tsx'
import { TimeOfDay } from './time-of-day.tsx'

/** Messages of one person within this time stand under one name. */
const SAME_BREATH_MS = 120_000
/** Nearer to the end than this counts as reading at the end. */
const AT_END_PIXELS = 48

type Props = {
  readonly entries: readonly LogEntry[]
  /** What stands here as long as there is nothing. */
  readonly empty: string
  /** What can be done about files; nothing, once the session is over. */
  readonly files?: FileActions
}

export function MessageLog({ entries, empty, files }: Props) {
  const { box, isBehind, followOn, onScroll } = useFollowing(entries)
  const rows = useMemo(() => entries.map((entry, index) => row(entry, entries[index - 1], files)), [entries, files])
  return (
    <div class="log-frame">
      <div
        ref={box}
        class="log"
        role="log"
        aria-label="Messages"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must scroll by keyboard, too
        tabIndex={0}
        onScroll={onScroll}
      >
        {entries.length === 0 && <p class="hint empty">{empty}</p>}
        <ol>{rows}</ol>
      </div>
      {isBehind && (
        <button
          type="button"
          class="follow-on"
          onClick={() => {
            box.current?.focus() // The button goes away, and the focus with it.
            followOn()
          }}
        >
          Go to the newest message
        </button>
      )}
    </div>
  )
}

type Following = {
  readonly box: RefObject<HTMLDivElement | null>
  /** Something came that is out of sight. */
  readonly isBehind: boolean
  readonly followOn: () => void
  readonly onScroll: () => void
}

function useFollowing(entries: readonly LogEntry[]): Following {
  const box = useRef<HTMLDivElement>(null)
  const isAtEndRef = useRef(true)
  const [isBehind, setIsBehind] = useState(false)
  const followOn = (): void => {
    box.current?.scrollTo({ top: box.current.scrollHeight })
    isAtEndRef.current = true
    setIsBehind(false)
  }
  useLayoutEffect(() => {
    const newest = entries.at(-1)
    if (isAtEndRef.current || (newest !== undefined && isOwn(newest))) followOn()
    else setIsBehind(true)
  }, [entries])
  useEffect(() => {
    if (box.current === null) return undefined
    const observer = new ResizeObserver(() => isAtEndRef.current && followOn())
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  const onScroll = (): void => {
    if (box.current === null) return
    const { scrollHeight, scrollTop, clientHeight } = box.current
    isAtEndRef.current = scrollHeight - scrollTop - clientHeight < AT_END_PIXELS
    if (isAtEndRef.current) setIsBehind(false)
  }
  return { box, isBehind, followOn, onScroll }
}

function isOwn(entry: LogEntry): boolean {
  return entry.kind === 'upload' || (entry.kind === 'chat' && entry.author.isSelf)
}

function row(entry: LogEntry, before: LogEntry | undefined, files: FileActions | undefined) {
  const isSameBreath =
    entry.kind === 'chat' &&
    before?.kind === 'chat' &&
    before.author.id === entry.author.id &&
    before.only === entry.only &&
    entry.at - before.at < SAME_BREATH_MS
  return <Row key={entry.id} entry={entry} isSameBreath={isSameBreath} files={files} />
}

type RowProps = {
  readonly entry: LogEntry
  readonly isSameBreath: boolean
  readonly files: FileActions | undefined
}

/** Is drawn once, and again when its entry has changed: a new message must not cost more in a long log. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.entry !== this.props.entry || next.isSameBreath !== this.props.isSameBreath
  }

  override render() {
    return <Entry {...this.props} />
  }
}

function Entry({ entry, isSameBreath, files }: RowProps) {
  switch (entry.kind) {
    case 'notice':
      return (
        <li class="notice">
          <span dir="auto">{entry.text}</span> <TimeOfDay at={entry.at} />
        </li>
      )
    case 'chat':
      return (
        <li class={`said${entry.author.isSelf ? ' own' : ''}${entry.only === '' ? '' : ' aside'}`}>
          <Byline author={entry.author} only={entry.only} at={entry.at} isUnseen={isSameBreath} />
          <p dir="auto">{entry.text}</p>
        </li>
      )
    case 'file':
      return (
        <li class="said">
          <Byline author={entry.author} only="" at={entry.at} isUnseen={false} />
          <FileComing entry={entry} {...files} />
        </li>
      )
    case 'upload':
      return (
        <li class="said own">
          <p class="byline">
            You <TimeOfDay at={entry.at} />
          </p>
          <FileGoing entry={entry} {...files} />
        </li>
      )
    default:
      return entry satisfies never
  }
}

type BylineProps = {
  readonly author: Author
  readonly only: string
  readonly at: number
  /** It continues what stands above; only those who listen need the name again. */
  readonly isUnseen: boolean
}

function Byline({ author, only, at, isUnseen }: BylineProps) {
  return (
    <p class={isUnseen ? 'byline unseen' : 'byline'}>
      <bdi>{author.isSelf ? 'You' : author.name}</bdi> {only !== '' && <span class="only">{only}</span>}{' '}
      <TimeOfDay at={at} />
    </p>
  )
}
