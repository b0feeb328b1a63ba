// What every machine of the core is made of: a pure transition from a state and an input to the next state and
// orders to the world. Knows no machine in particular.

export type Step<State, Effect> = { readonly state: State; readonly effects: readonly Effect[] }
export type Transition<State, Input, Effect> = (state: State, input: Input) => Step<State, Effect>

/** Closes a switch over a union: a new case does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`not a known case: ${JSON.stringify(value)}`)
}

/** A bug of ours, never the caller's nor the other side's. Stops the world in tests. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation'
}
