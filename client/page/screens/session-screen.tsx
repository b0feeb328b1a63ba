// Inside a session, as its host or as a guest: puts the door, the people, the conversation and the network events in
// their places. Host and guest see the same, but that only the host has a door and may remove and end.

import { useMemo, useState } from 'preact/hooks'
import { Composer } from '../parts/composer.tsx'
import { Door } from '../parts/door.tsx'
import { EventsPanel } from '../parts/events-panel.tsx'
import { useFileDrop } from '../parts/file-drop.ts'
import { useFocusOnArrival } from '../parts/focus.ts'
import { LinkBox } from '../parts/link-box.tsx'
import { MessageLog } from '../parts/message-log.tsx'
import { People } from '../parts/people.tsx'
import { WordDialog } from '../parts/word-dialog.tsx'
import type { PageSession } from '../page-session.ts'
import type { DoorSeen, Knock } from '../page-state.ts'
import type { Room } from '../room-state.ts'
import { HOST_AWAY } from '../sentences.ts'
import { linkTo } from '../session-link.ts'

type Props = {
  readonly side: 'host' | 'guest'
  readonly room: Room
  readonly knocks: readonly Knock[]
  /** `null` for a guest. */
  readonly door: DoorSeen | null
  readonly session: PageSession
}

export function SessionScreen({ side, room, knocks, door, session }: Props) {
  const isHost = side === 'host'
  const files = useMemo(
    () => ({
      onTake: (file: number) => void session.files.take(file),
      onStop: (file: number) => session.files.stop(file),
    }),
    [session],
  )
  const isDropping = useFileDrop((files) => session.sendFiles(files))
  return (
    <main class="session">
      <SessionHeader isHost={isHost} room={room} onDepart={(word) => void session.depart(word)} />
      {door !== null && (
        <Door
          door={door}
          knocks={knocks}
          onChange={(changed) => void session.changeDoor(changed)}
          onAdmit={(knock) => session.admit(knock)}
          onRefuse={(knock, word) => session.refuse(knock, word)}
        />
      )}
      <section class="conversation" aria-label="Conversation">
        <output class="host-away">{!isHost && room.isHostAway ? HOST_AWAY : ''}</output>
        <MessageLog entries={room.log} empty={emptyLog(isHost, room)} files={files} />
        <Composer
          isHost={isHost}
          people={room.people}
          onSay={(text, to) => void session.say(text, to)}
          onFiles={(files) => session.sendFiles(files)}
        />
      </section>
      <People
        people={room.people}
        mayRemove={isHost}
        onRemove={(member, word) => session.remove(member, word)}
        onBan={(member, word) => void session.ban(member, word)}
      />
      <EventsPanel events={room.events} timeline={() => session.timeline()} />
      {isDropping && <p class="drop-hint">Drop to send to everyone</p>}
    </main>
  )
}

function emptyLog(isHost: boolean, room: Room): string {
  if (!isHost || room.people.length > 1) return 'Nothing has been said yet.'
  return 'Nobody else is here yet. Share the link: whoever opens it asks you to be let in.'
}

type HeaderProps = { readonly isHost: boolean; readonly room: Room; readonly onDepart: (word: string) => void }

function SessionHeader({ isHost, room, onDepart }: HeaderProps) {
  const heading = useFocusOnArrival<HTMLHeadingElement>()
  const [isAsked, setIsAsked] = useState(false)
  const host = room.people.find((person) => person.isHost)
  return (
    <header class="session-header">
      <div class="session-title">
        <p class="brand">
          {isHost ? (
            'You host'
          ) : (
            <>
              Hosted by <bdi>{host?.name ?? 'nobody here'}</bdi>
            </>
          )}
        </p>
        <h1 ref={heading} tabIndex={-1} class="session-name">
          {room.session}
        </h1>
      </div>
      <LinkBox link={linkTo(room.session, location.href)} />
      <button type="button" class="danger-quiet" onClick={() => setIsAsked(true)}>
        {isHost ? 'End session' : 'Leave session'}
      </button>
      {isAsked && (
        <WordDialog
          title={isHost ? 'End the session for everybody?' : 'Leave the session?'}
          label="A last word (optional)"
          action={isHost ? 'End session' : 'Leave session'}
          onAnswer={onDepart}
          onClose={() => setIsAsked(false)}
        >
          {isHost ? 'All who are in or waiting are told, and it is over.' : 'To come back, you have to ask again.'}
        </WordDialog>
      )}
    </header>
  )
}
