// The link to the session, in plain sight, and the button that copies it. Where the browser does not let a page copy,
// it selects the link and says which keys do.

import { useEffect, useId, useRef, useState } from 'preact/hooks'

/** How long a confirmation stays. */
const CONFIRMATION_MS = 3_000

export function LinkBox({ link }: { readonly link: string }) {
  const field = useRef<HTMLInputElement>(null)
  const [told, setTold] = useState('')
  const id = useId()
  useEffect(() => {
    if (told === '') return undefined
    const timer = setTimeout(() => setTold(''), CONFIRMATION_MS)
    return () => clearTimeout(timer)
  }, [told])
  const copy = async (): Promise<void> => {
    const copied = await copyText(link)
    if (!copied) field.current?.select()
    setTold(copied ? 'Link copied' : 'Press Ctrl+C or ⌘C to copy it')
  }
  return (
    <div class="link-box">
      <label htmlFor={id} class="unseen">
        Link to this session
      </label>
      <input id={id} ref={field} type="text" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" onClick={() => void copy()}>
        Copy link
      </button>
      <output class="told">{told}</output>
    </div>
  )
}

/** False where the page is not served securely, or the browser says no. */
async function copyText(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return false
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch (error) {
    if (error instanceof DOMException) return false
    throw error
  }
}
