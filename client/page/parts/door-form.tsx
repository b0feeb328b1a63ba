// How the session's door stands, for its host: who may come in, how many, with which password [E5]. What is chosen holds
// once the button is pressed, all of it at once. Does not know what the server makes of it: `door` says how it is.

import { useEffect, useId, useState } from 'preact/hooks'
import type { DoorMode } from '../../src/index.ts'
import type { DoorSeen } from '../page-state.ts'
import { DOOR_MODES, doorSentence } from '../sentences.ts'

type Props = {
  readonly door: DoorSeen
  readonly onChange: (door: DoorSeen) => void
}

const CAPACITY_MAX = 64

export function DoorForm({ door, onChange }: Props) {
  const [mode, setMode] = useState<DoorMode>(door.mode)
  const [capacity, setCapacity] = useState(String(door.capacity))
  const [password, setPassword] = useState(door.password)
  useEffect(() => {
    setMode(door.mode)
    setCapacity(String(door.capacity))
    setPassword(door.password)
  }, [door])
  const id = useId()
  const isSame = mode === door.mode && Number(capacity) === door.capacity && password === door.password
  return (
    <details class="door-settings">
      <summary>{doorSentence(door)}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onChange({ mode, capacity: Number(capacity), password })
        }}
      >
        <div class="field">
          <label htmlFor={`${id}-mode`}>Who may come in</label>
          <select
            id={`${id}-mode`}
            value={mode}
            onChange={(event) => setMode(DOOR_MODES.find(([one]) => one === event.currentTarget.value)?.[0] ?? mode)}
          >
            {DOOR_MODES.map(([one, words]) => (
              <option key={one} value={one}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label htmlFor={`${id}-capacity`}>How many at most, with you</label>
          <input
            id={`${id}-capacity`}
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={CAPACITY_MAX}
            value={capacity}
            onInput={(event) => setCapacity(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label htmlFor={`${id}-password`}>Password (optional)</label>
          <input
            id={`${id}-password`}
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={64}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </div>
        <button type="submit" disabled={isSame}>
          Change the door
        </button>
      </form>
    </details>
  )
}
