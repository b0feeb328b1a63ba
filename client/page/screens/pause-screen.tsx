// While something takes its time: a session opens, the host decides, the last messages go out. Says what one waits for,
// and offers to stop where that is possible.

import type { ComponentChildren } from 'preact'
import { useFocusOnArrival } from '../parts/focus.ts'

type Props = {
  readonly title: string
  readonly children?: ComponentChildren
} & ({ readonly stop: string; readonly onStop: () => void } | { readonly stop?: undefined })

export function PauseScreen({ title, children, ...rest }: Props) {
  const heading = useFocusOnArrival<HTMLHeadingElement>()
  return (
    <main class="sheet">
      <p class="brand">joinleaf</p>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <div class="card">
        <p class="pulse" aria-hidden="true">
          <span />
          <span />
          <span />
        </p>
        {children !== undefined && <p>{children}</p>}
        {rest.stop !== undefined && (
          <button type="button" onClick={rest.onStop}>
            {rest.stop}
          </button>
        )}
      </div>
    </main>
  )
}
