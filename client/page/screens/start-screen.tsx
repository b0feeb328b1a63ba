// The first screen: host a session under one's name, or say which session to join. Owns what is typed until it is sent.
// Does not know what becomes of it.

import { useId, useState } from 'preact/hooks'
import { oneLine, PERSON_NAME_CHARS_MAX } from '../display-text.ts'
import { useFocusOnArrival } from '../parts/focus.ts'
import { NameField } from '../parts/name-field.tsx'
import type { RememberedName } from '../remembered-name.ts'
import { sessionIn } from '../session-link.ts'

type Props = {
  /** Why one is here, if that needs a word. */
  readonly note: string
  readonly name: RememberedName
  readonly onHost: (ownName: string) => void
  readonly onGo: (session: string) => void
}

export function StartScreen({ note, name, onHost, onGo }: Props) {
  const heading = useFocusOnArrival<HTMLHeadingElement>()
  return (
    <main class="sheet">
      <p class="brand">joinleaf</p>
      <h1 ref={heading} tabIndex={-1}>
        Start or join a session
      </h1>
      {note !== '' && (
        <p class="note" role="alert">
          {note}
        </p>
      )}
      <p class="lead">Messages and files go straight from browser to browser. The host decides who comes in.</p>
      <HostForm name={name} onHost={onHost} />
      <JoinForm onGo={onGo} />
    </main>
  )
}

function HostForm({ name, onHost }: Pick<Props, 'name' | 'onHost'>) {
  const [own, setOwn] = useState(() => name.recall())
  const named = oneLine(own, PERSON_NAME_CHARS_MAX)
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        if (named === '') return
        name.keep(named)
        onHost(named)
      }}
    >
      <h2>Host</h2>
      <NameField value={own} onChange={setOwn} />
      <button type="submit" class="primary" disabled={named === ''}>
        Host a session
      </button>
      <p class="hint">You get a link to share. Whoever opens it asks you to be let in.</p>
    </form>
  )
}

function JoinForm({ onGo }: Pick<Props, 'onGo'>) {
  const [typed, setTyped] = useState('')
  const [isWrong, setIsWrong] = useState(false)
  const id = useId()
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        const session = sessionIn(typed)
        setIsWrong(session === null)
        if (session !== null) onGo(session)
      }}
    >
      <h2>Join</h2>
      <div class="field">
        <label htmlFor={id}>Link or name of a session</label>
        <input
          id={id}
          type="text"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={isWrong}
          aria-describedby={`${id}-wrong`}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <p id={`${id}-wrong`} class="wrong" role="alert">
        {isWrong ? 'That is neither a link to a session nor the name of one, such as calm-otter-4821.' : ''}
      </p>
      <button type="submit" disabled={typed.trim() === ''}>
        Continue
      </button>
    </form>
  )
}
