// Where one writes: a message to everyone or to one person alone, or a file to everyone. Owns the draft. When the one it
// is meant for has gone, it is not sent to everyone instead.

import { useId, useRef, useState } from 'preact/hooks'
import { CHAT_CHARS_MAX } from '../message-codec.ts'
import type { Person } from '../room-state.ts'

type Props = {
  readonly isHost: boolean
  readonly people: readonly Person[]
  readonly onSay: (text: string, to: string | null) => void
  readonly onFiles: (files: readonly File[]) => void
}

const EVERYONE = ''

export function Composer({ isHost, people, onSay, onFiles }: Props) {
  const [draft, setDraft] = useState('')
  const [to, setTo] = useState(EVERYONE)
  const form = useRef<HTMLFormElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  // The side chat is between the host and one guest [D33].
  const confidants = people.filter((person) => !person.isSelf && (isHost || person.isHost))
  const isGone = to !== EVERYONE && !confidants.some((person) => person.id === to)
  return (
    <form
      ref={form}
      class={to === EVERYONE ? 'composer' : 'composer aside'}
      onSubmit={(event) => {
        event.preventDefault()
        if (draft.trim() === '' || isGone) return
        onSay(draft.trim(), to === EVERYONE ? null : to)
        setDraft('')
        field.current?.focus() // However it was sent, the next message is written here.
      }}
    >
      <Addressee confidants={confidants} to={to} isGone={isGone} onChange={setTo} />
      <FileButton onFiles={onFiles} />
      <label htmlFor={id} class="unseen">
        Message
      </label>
      <textarea
        id={id}
        ref={field}
        rows={1}
        placeholder="Write a message"
        maxLength={CHAT_CHARS_MAX}
        enterkeyhint="send"
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          // While a word is being composed, Enter belongs to the composing.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          form.current?.requestSubmit()
        }}
      />
      <button type="submit" class="primary" disabled={draft.trim() === '' || isGone}>
        Send
      </button>
    </form>
  )
}

type AddresseeProps = {
  readonly confidants: readonly Person[]
  readonly to: string
  readonly isGone: boolean
  readonly onChange: (to: string) => void
}

function Addressee({ confidants, to, isGone, onChange }: AddresseeProps) {
  const id = useId()
  return (
    <div class="addressee">
      <label htmlFor={id}>To</label>
      <select id={id} value={to} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value={EVERYONE}>Everyone</option>
        {isGone && <option value={to}>Somebody who has left</option>}
        {confidants.map((person) => (
          <option key={person.id} value={person.id}>
            {`${person.name} only`}
          </option>
        ))}
      </select>
      {isGone && (
        <span class="wrong" role="alert">
          Choose who shall read it
        </span>
      )}
    </div>
  )
}

function FileButton({ onFiles }: Pick<Props, 'onFiles'>) {
  const id = useId()
  return (
    <div class="file-button">
      <input
        id={id}
        class="unseen"
        type="file"
        multiple
        onChange={(event) => {
          const field = event.currentTarget
          onFiles([...(field.files ?? [])])
          field.value = '' // So that the same file can be chosen again.
        }}
      />
      <label htmlFor={id} title="To everyone; files can also be dropped on the page">
        Send a file
      </label>
    </div>
  )
}
