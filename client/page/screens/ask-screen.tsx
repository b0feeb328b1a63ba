// Before a session's door: one says who one is, and asks. Owns the name while it is typed. Does not know whether anybody
// hosts the session.

import { useId, useState } from 'preact/hooks'
import { oneLine, PERSON_NAME_CHARS_MAX } from '../display-text.ts'
import { useFocusOnArrival } from '../parts/focus.ts'
import type { PasswordAsked } from '../page-state.ts'
import { NameField } from '../parts/name-field.tsx'
import type { RememberedName } from '../remembered-name.ts'

type Props = {
  readonly session: string
  readonly password: PasswordAsked
  readonly name: RememberedName
  readonly onAsk: (ownName: string, password: string) => void
  readonly onStart: () => void
}

export function AskScreen({ session, password, name, onAsk, onStart }: Props) {
  const field = useFocusOnArrival<HTMLInputElement>()
  const [own, setOwn] = useState(() => name.recall())
  const [word, setWord] = useState('')
  const id = useId()
  const isAsked = password !== 'unasked'
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
          onAsk(named, word)
        }}
      >
        <NameField value={own} onChange={setOwn} {...(!isAsked && { field })} />
        {isAsked && (
          <div class="field">
            <label htmlFor={id}>Password</label>
            <input
              id={id}
              ref={field}
              type="password"
              autocomplete="off"
              maxLength={64}
              aria-invalid={password === 'wrong'}
              aria-describedby={`${id}-why`}
              value={word}
              onInput={(event) => setWord(event.currentTarget.value)}
            />
            <p id={`${id}-why`} class={password === 'wrong' ? 'wrong' : 'hint'} role="alert">
              {password === 'wrong' ? 'That is not the password.' : 'This session has a password. The host knows it.'}
            </p>
          </div>
        )}
        <button type="submit" class="primary" disabled={named === '' || (isAsked && word === '')}>
          Ask to join
        </button>
        <p class="hint">The host sees this name, and decides who comes in.</p>
      </form>
      <button type="button" class="quiet" onClick={onStart}>
        Go to the start page
      </button>
    </main>
  )
}
