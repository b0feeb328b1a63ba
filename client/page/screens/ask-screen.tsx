// Before a session's door: one says who one is, and asks. Owns the name while it is typed. Does not know whether anybody
// hosts the session.

import { useState } from 'preact/hooks'
import { oneLine, PERSON_NAME_CHARS_MAX } from '../display-text.ts'
import { useFocusOnArrival } from '../parts/focus.ts'
import { NameField } from '../parts/name-field.tsx'
import type { RememberedName } from '../remembered-name.ts'

type Props = {
  readonly session: string
  readonly name: RememberedName
  readonly onAsk: (ownName: string) => void
  readonly onStart: () => void
}

export function AskScreen({ session, name, onAsk, onStart }: Props) {
  const field = useFocusOnArrival<HTMLInputElement>()
  const [own, setOwn] = useState(() => name.recall())
  const named = oneLine(own, PERSON_NAME_CHARS_MAX)
  return (
    <main class="sheet">
      <p class="brand">joinleaf</p>
      <h1>
        Join <span class="session-name">{session}</span>
      </h1>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault()
          if (named === '') return
          name.keep(named)
          onAsk(named)
        }}
      >
        <NameField value={own} onChange={setOwn} field={field} />
        <button type="submit" class="primary" disabled={named === ''}>
          Ask to join
        </button>
        <p class="hint">The host sees this name and decides whether to let you in.</p>
      </form>
      <button type="button" class="quiet" onClick={onStart}>
        Go to the start page
      </button>
    </main>
  )
}
