// A file in the log: one that somebody offers, with what to do about it and how far it is; or one's own on its way. What
// is here is offered to be saved, never shown.

import { useEffect, useState } from 'preact/hooks'
import { sizeInWords } from '../display-text.ts'
import type { IncomingEntry, OutgoingEntry } from '../room-state.ts'

export type FileActions = { readonly onTake: (file: number) => void; readonly onStop: (file: number) => void }

export function FileComing({ entry, onTake, onStop }: { readonly entry: IncomingEntry } & Partial<FileActions>) {
  const { name, size, file, state } = entry
  const words = size === null ? 'of unknown size' : sizeInWords(size)
  switch (state.kind) {
    case 'offered':
      return (
        <div class="file">
          <span class="file-name">{name}</span>
          <span class="hint">{words}</span>
          <span class="buttons">
            <button type="button" class="primary" aria-label={`Take ${name}`} onClick={() => onTake?.(file)}>
              Take
            </button>
            <button type="button" aria-label={`Decline ${name}`} onClick={() => onStop?.(file)}>
              Decline
            </button>
          </span>
        </div>
      )
    case 'coming':
      return (
        <div class="file">
          <span class="file-name">{name}</span>
          <Moving name={name} bytes={state.bytes} size={size} />
          <Stop name={name} what="taking" onStop={() => onStop?.(file)} />
        </div>
      )
    case 'here':
      return (
        <p class="file">
          <SaveLink name={name} content={state.content} />
          <span class="hint">{words}</span>
        </p>
      )
    case 'forgotten':
    case 'not-here':
      return (
        <p class="file">
          <span class="file-name">{name}</span>
          <span class="hint">
            {words}, {state.kind === 'forgotten' ? 'no longer kept: newer files took its place' : state.why}
          </span>
        </p>
      )
    default:
      return state satisfies never
  }
}

export function FileGoing({ entry, onStop }: { readonly entry: OutgoingEntry } & Partial<FileActions>) {
  const { name, size, file, of, progress } = entry
  if (progress.kind === 'sending') {
    return (
      <div class="file">
        <span class="file-name">{name}</span>
        <Moving name={name} bytes={progress.bytes} size={size} />
        <Stop name={name} what="sending" onStop={() => onStop?.(file)} />
      </div>
    )
  }
  const why = progress.why === '' ? '' : `: ${progress.why}`
  return (
    <p class="file">
      <span class="file-name">{name}</span>
      <span class="hint">
        {sizeInWords(size)}, {sentWords(progress.got, of)}
        {why}
      </span>
    </p>
  )
}

function sentWords(got: number, of: number): string {
  if (of === 0) return 'not sent: nobody else is here'
  if (got === of) return 'sent to everyone'
  return got === 0 ? 'not sent' : `sent to ${got} of ${of}`
}

type MovingProps = { readonly name: string; readonly bytes: number; readonly size: number | null }

function Moving({ name, bytes, size }: MovingProps) {
  const part = size === null || size === 0 ? undefined : bytes / size
  return (
    <>
      <progress aria-label={`Progress of ${name}`} max={1} value={part} />
      <span class="hint">
        {sizeInWords(bytes)}
        {size !== null && ` of ${sizeInWords(size)}`}
      </span>
    </>
  )
}

type StopProps = { readonly name: string; readonly what: 'taking' | 'sending'; readonly onStop: () => void }

function Stop({ name, what, onStop }: StopProps) {
  return (
    <button type="button" aria-label={`Stop ${what} ${name}`} onClick={onStop}>
      Stop
    </button>
  )
}

function SaveLink({ name, content }: { readonly name: string; readonly content: Blob }) {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(content)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [content])
  if (url === null) return <span class="file-name">{name}</span>
  return (
    <a class="file-name" href={url} download={name} aria-label={`Save ${name}`}>
      {name}
    </a>
  )
}
