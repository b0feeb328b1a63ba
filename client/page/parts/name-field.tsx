// The field for one's own name, on the two screens that ask for it. Knows how long a name may be, and nothing else:
// what is typed belongs to the form around it.

import type { Ref } from 'preact'
import { useId } from 'preact/hooks'
import { PERSON_NAME_CHARS_MAX } from '../display-text.ts'

type Props = {
  readonly value: string
  readonly onChange: (name: string) => void
  readonly field?: Ref<HTMLInputElement>
}

export function NameField({ value, onChange, field = null }: Props) {
  const id = useId()
  return (
    <div class="field">
      <label htmlFor={id}>Your name</label>
      <input
        id={id}
        ref={field}
        type="text"
        autocomplete="name"
        maxLength={PERSON_NAME_CHARS_MAX}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
