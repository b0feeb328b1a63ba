// After the end, of a session or of an attempt: what happened, in the other side's words too, and what makes sense now.
// What was said can still be read, files can still be saved, and the network events show how it came about.

import { EventsPanel } from '../parts/events-panel.tsx'
import { useFocusOnArrival } from '../parts/focus.ts'
import { MessageLog } from '../parts/message-log.tsx'
import type { Room } from '../room-state.ts'
import type { Account } from '../sentences.ts'

type Props = {
  readonly account: Account
  readonly askAgain: string | null
  readonly room: Room | null
  readonly timeline: () => string
  readonly onGo: (session: string | null) => void
}

export function OverScreen({ account, askAgain, room, timeline, onGo }: Props) {
  const heading = useFocusOnArrival<HTMLHeadingElement>()
  return (
    <main class="sheet">
      <p class="brand">joinleaf</p>
      <h1 ref={heading} tabIndex={-1}>
        {account.title}
      </h1>
      <div class="card">
        {account.word !== '' && (
          <figure class="word">
            <figcaption>The host’s words</figcaption>
            <blockquote dir="auto">{account.word}</blockquote>
          </figure>
        )}
        {account.detail !== '' && <p>{account.detail}</p>}
        <div class="buttons">
          {askAgain !== null && (
            <button type="button" class="primary" onClick={() => onGo(askAgain)}>
              Ask to join again
            </button>
          )}
          <button type="button" class={askAgain === null ? 'primary' : ''} onClick={() => onGo(null)}>
            Go to the start page
          </button>
        </div>
      </div>
      {room !== null && room.log.length > 0 && (
        <details class="panel afterwards">
          <summary>What was said</summary>
          <MessageLog entries={room.log} empty="" />
        </details>
      )}
      {room !== null && <EventsPanel events={room.events} timeline={timeline} />}
    </main>
  )
}
