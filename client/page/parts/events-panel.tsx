// The network events as they come: Winsock's own words for what the rest of the page says in everybody's. Closed until
// somebody is curious. Shows lines, and judges nothing.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { EventLine } from '../room-state.ts'
import { TimeOfDay } from './time-of-day.tsx'

type Props = { readonly events: readonly EventLine[]; readonly timeline: () => string }

export function EventsPanel({ events, timeline }: Props) {
  const list = useRef<HTMLOListElement>(null)
  const [isOpen, setIsOpen] = useState(false)
  const newest = events.at(-1)?.id
  useLayoutEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [newest, isOpen])
  return (
    <details class="panel events" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        Network events <span class="count">{events.length}</span>
      </summary>
      {isOpen && (
        <button type="button" class="quiet" onClick={() => save(timeline())}>
          Save the timeline of who was here
        </button>
      )}
      {isOpen && (
        <ol
          ref={list}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must scroll by keyboard, too
          tabIndex={0}
          aria-label="Network events, oldest first"
        >
          {events.map((event) => (
            <Line key={event.id} event={event} />
          ))}
        </ol>
      )}
    </details>
  )
}

/** As a file: what was noted about everybody's presence, for whoever has to find out what happened. */
function save(json: string): void {
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'timeline.json'
  link.click()
  URL.revokeObjectURL(url)
}

function Line({ event }: { readonly event: EventLine }) {
  const { cause, initiator, text } = event
  return (
    <li>
      <TimeOfDay at={event.at} toTheSecond /> <strong>{event.event}</strong> <span class="socket">{event.socket}</span>{' '}
      <span class="outcome">
        {event.code === 0 ? event.code : `${event.name} (${event.code})`}
        {cause !== null && `, ${cause}${initiator === null ? '' : ` by ${initiator}`}`}
        {text !== '' && (
          <>
            : <q dir="auto">{text}</q>
          </>
        )}
      </span>
    </li>
  )
}
