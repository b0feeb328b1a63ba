// A question that can be answered with a word: refuse, remove, end, leave. A modal dialog of the browser's own, so that
// Esc closes it and the focus comes back to where it was. Is shown as long as it is there.

import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { WORD_CHARS_MAX } from '../sentences.ts'

type Props = {
  readonly title: string
  /** What the text field is called. */
  readonly label: string
  /** What the button does, in one or two words. */
  readonly action: string
  /** A stronger thing that can be done instead. */
  readonly instead?: { readonly action: string; readonly onAnswer: (word: string) => void }
  readonly children?: ComponentChildren
  readonly onAnswer: (word: string) => void
  readonly onClose: () => void
}

export function WordDialog({ title, label, action, instead, children, onAnswer, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [word, setWord] = useState('')
  const id = useId()
  useLayoutEffect(() => {
    dialog.current?.showModal()
  }, [])
  const close = (): void => dialog.current?.close()
  return (
    <dialog ref={dialog} aria-labelledby={`${id}-title`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          close()
          onAnswer(word.trim())
        }}
      >
        <h2 id={`${id}-title`}>{title}</h2>
        {children !== undefined && <p>{children}</p>}
        <label htmlFor={`${id}-word`}>{label}</label>
        <input
          id={`${id}-word`}
          type="text"
          autocomplete="off"
          maxLength={WORD_CHARS_MAX}
          value={word}
          onInput={(event) => setWord(event.currentTarget.value)}
        />
        <div class="buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          {instead !== undefined && (
            <button
              type="button"
              class="danger-quiet"
              onClick={() => {
                close()
                instead.onAnswer(word.trim())
              }}
            >
              {instead.action}
            </button>
          )}
          <button type="submit" class="danger">
            {action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
