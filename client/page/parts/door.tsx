// The door, for the host: who waits, and what to answer each of them, in any order [E1]. Letting somebody wait needs no
// answer. Announces who comes. Below it, how the door itself stands [E5].

import { useState } from 'preact/hooks'
import type { DoorSeen, Knock } from '../page-state.ts'
import { knockSentence } from '../sentences.ts'
import { DoorForm } from './door-form.tsx'
import { useFocusKeeper } from './focus.ts'
import { TimeOfDay } from './time-of-day.tsx'
import { WordDialog } from './word-dialog.tsx'

type Props = {
  readonly door: DoorSeen
  readonly knocks: readonly Knock[]
  readonly onChange: (door: DoorSeen) => void
  readonly onAdmit: (knock: number) => void
  readonly onRefuse: (knock: number, word: string) => void
}

export function Door({ door, knocks, onChange, onAdmit, onRefuse }: Props) {
  const [refusing, setRefusing] = useState<number | null>(null)
  const keeper = useFocusKeeper(knocks.map(({ id }) => id).join())
  const refused = knocks.find(({ id }) => id === refusing)
  const newest = knocks.at(-1)
  return (
    <section class={knocks.length > 0 ? 'panel door calling' : 'panel door'} aria-labelledby="door-title" {...keeper}>
      <h2 id="door-title" tabIndex={-1}>
        At the door
      </h2>
      <output class="unseen">
        {newest !== undefined && `${knockSentence(newest.name)}. ${knocks.length} waiting.`}
      </output>
      {knocks.length === 0 && <p class="hint">Nobody is waiting.</p>}
      <ul aria-label="Waiting">
        {knocks.map(({ id, name, at }) => (
          <li key={id}>
            <span class="who">
              <bdi>{name}</bdi> <TimeOfDay at={at} />
            </span>
            <button type="button" class="primary" aria-label={`Admit ${name}`} onClick={() => onAdmit(id)}>
              Admit
            </button>
            <button type="button" aria-label={`Refuse ${name}`} onClick={() => setRefusing(id)}>
              Refuse
            </button>
          </li>
        ))}
      </ul>
      <DoorForm door={door} onChange={onChange} />
      {refused !== undefined && (
        <WordDialog
          title={`Refuse ${refused.name}?`}
          label="A word of explanation (optional)"
          action="Refuse"
          onAnswer={(word) => onRefuse(refused.id, word)}
          onClose={() => setRefusing(null)}
        />
      )}
    </section>
  )
}
