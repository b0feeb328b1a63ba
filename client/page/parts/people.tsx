// The people in the session: who hosts, which one is oneself, how each is reached from here [E3], and of whom there is no
// sign of life. The host may remove a guest. Knows people by id and name.

import { useState } from 'preact/hooks'
import type { Person } from '../room-state.ts'
import { useFocusKeeper } from './focus.ts'
import { WordDialog } from './word-dialog.tsx'

type Props = {
  readonly people: readonly Person[]
  readonly mayRemove: boolean
  readonly onRemove: (member: string, word: string) => void
  readonly onBan: (member: string, word: string) => void
}

const MISSING = { suspect: 'no sign of life…', away: 'away…' } as const
const PATHS = { self: '', none: '', direct: 'direct', relayed: 'relayed', repairing: 'connecting…' } as const

export function People({ people, mayRemove, onRemove, onBan }: Props) {
  const [removing, setRemoving] = useState<string | null>(null)
  const keeper = useFocusKeeper(people.map(({ id }) => id).join())
  const removed = people.find(({ id }) => id === removing)
  return (
    <section class="panel people" aria-labelledby="people-title" {...keeper}>
      <h2 id="people-title" tabIndex={-1}>
        People <span class="count">{people.length}</span>
      </h2>
      <ul
        aria-label="People here"
        // Without buttons in it, a guest could not scroll it by keyboard.
        tabIndex={mayRemove ? undefined : 0}
      >
        {people.map((person) => (
          <li key={person.id}>
            <span class="who">
              <bdi>{person.name}</bdi> <Marks person={person} />
            </span>
            {mayRemove && !person.isSelf && (
              <button
                type="button"
                class="quiet"
                aria-label={`Remove ${person.name}`}
                onClick={() => setRemoving(person.id)}
              >
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
      {removed !== undefined && (
        <WordDialog
          title={`Remove ${removed.name}?`}
          label="A word of explanation (optional)"
          action="Remove"
          instead={{ action: 'Remove and ban', onAnswer: (word) => onBan(removed.id, word) }}
          onAnswer={(word) => onRemove(removed.id, word)}
          onClose={() => setRemoving(null)}
        >
          Who is only removed may ask again. Who is banned is kept out, from this browser.
        </WordDialog>
      )}
    </section>
  )
}

function Marks({ person }: { readonly person: Person }) {
  const path = person.presence === 'here' ? PATHS[person.path] : MISSING[person.presence]
  return (
    <>
      {person.isHost && <span class="mark">host</span>}
      {person.isSelf && <span class="mark">you</span>}
      {path !== '' && <span class="path">{path}</span>}
    </>
  )
}
