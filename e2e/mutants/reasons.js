// Why a mutant may survive: each reason with the mutants it covers, by file, by the line they change and by the change
// itself. What is here was read; what is not here is listed in shared/MUTANTS.md as not explained.

/**
 * @typedef {object} Reason
 * @property {string} file the end of its path; '' is any
 * @property {string} code a part of the line
 * @property {(was: string, becomes: string) => boolean} is
 * @property {string} why
 */

const any = () => true

/** @param {string} becomes */
const to = (becomes) => /** @param {string} _ @param {string} replacement */ (_, replacement) => replacement === becomes

const CLOSED = 'The compiler proves that no other case comes: the branch is never taken'
const GUARD =
  'A guard that the compiler asks for, where a lookup finds what the invariants say is there: without it the step would ' +
  'throw instead of doing nothing, and a test would have to break the state by hand'
const SAME = 'The result is the same either way: the line spares work, or decides between two equal things'
const NAME = 'The name of an error class, for people who read a stack'

/** @type {readonly Reason[]} */
export const REASONS = [
  { file: '', code: 'default:', is: any, why: CLOSED },
  {
    file: '',
    code: 'undefined',
    is: (was, becomes) => becomes === 'false' && /^[\w.[\]?()]+ === (undefined|null)$/.test(was),
    why: GUARD,
  },
  {
    file: '',
    code: 'undefined',
    is: (was, becomes) =>
      /=== undefined \|\| /.test(was) && becomes.replace('(', '').replace(')', '').replace(' && ', ' || ') === was,
    why: GUARD,
  },
  { file: '', code: 'override readonly name', is: any, why: NAME },
  { file: 'protocol/base64.ts', code: 'at < text.length', is: to('at <= text.length'), why: SAME },
  { file: 'protocol/readers.ts', code: "typeof value === 'number'", is: to('true'), why: SAME },
  { file: 'protocol/readers.ts', code: 'value.length <= REASON_BYTES_MAX &&', is: to('true'), why: SAME },
  {
    file: 'protocol/readers.ts',
    code: 'error instanceof Refusal',
    is: to('true'),
    why: 'Nothing but a Refusal is ever thrown there: the readers are pure',
  },
  {
    file: 'protocol/parse-with.ts',
    code: 'error instanceof Refusal',
    is: to('false'),
    why: 'Nothing but a Refusal is ever thrown there: the readers are pure',
  },
  { file: 'core/event-record.ts', code: 'posted.length === 0', is: to('false'), why: SAME },
  { file: 'core/lane-depth.ts', code: 'provenAt !== null', is: to('true'), why: SAME },
  { file: 'core/lane-queues.ts', code: 'isLarge(queues.channels[from]', is: any, why: SAME },
  { file: 'core/lane-queues.ts', code: 'cutBytes > 0 ||', is: any, why: SAME },
  { file: 'core/lane-frames.ts', code: 'high === undefined', is: any, why: GUARD },
  { file: 'core/session-state.ts', code: 'awayUntil > last', is: any, why: SAME },
]
