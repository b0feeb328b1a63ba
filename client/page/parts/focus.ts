// Where the keyboard is: on a new screen its heading or first field, in a list whose row has gone the row that took its
// place. Moves focus only when the person's own place is not there any more. Knows no screens.

import { useLayoutEffect, useRef } from 'preact/hooks'
import type { RefObject, TargetedFocusEvent } from 'preact'

/** For the element that gets the focus when its screen appears. */
export function useFocusOnArrival<Target extends HTMLElement>(): RefObject<Target | null> {
  const target = useRef<Target>(null)
  useLayoutEffect(() => target.current?.focus(), [])
  return target
}

type FocusKeeper = {
  readonly ref: RefObject<HTMLElement | null>
  readonly onFocusIn: (event: TargetedFocusEvent<HTMLElement>) => void
  readonly onFocusOut: (event: TargetedFocusEvent<HTMLElement>) => void
}

/**
 * For the element around a list whose rows are `li`: when the row that had the focus goes, the focus goes to the first
 * button of the row that takes its place, or else to the element's own heading. `rows`: changes when the rows do.
 */
export function useFocusKeeper(rows: string): FocusKeeper {
  const ref = useRef<HTMLElement>(null)
  const placeRef = useRef<number | null>(null)
  useLayoutEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body
    if (placeRef.current === null || !lost || ref.current === null) return
    const left = ref.current.querySelectorAll('li')
    const row = left[Math.min(placeRef.current, left.length - 1)]
    const next = row?.querySelector('button') ?? ref.current.querySelector('h2')
    next?.focus()
  }, [rows])
  return {
    ref,
    onFocusIn({ currentTarget, target }) {
      if (!(target instanceof Element) || target.closest('dialog') !== null) return
      const index = [...currentTarget.querySelectorAll('li')].findIndex((row) => row.contains(target))
      placeRef.current = index < 0 ? null : index
    },
    onFocusOut({ relatedTarget }) {
      // Into a dialog is not away: it is about the row, which may be gone when it closes.
      if (relatedTarget instanceof Element && relatedTarget.closest('dialog') === null) placeRef.current = null
    },
  }
}
