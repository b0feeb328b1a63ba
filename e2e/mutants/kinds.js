// Kinds of reasons why a mutant may survive, and kinds of changes that they cover; which lines they are given for is in
// reasons.js.

export const any = () => true

/** @param {string} becomes */
export const to = (becomes) => /** @param {string} _ @param {string} replacement */ (_, replacement) =>
  replacement === becomes

export const CLOSED = 'The compiler proves that no other case comes: the branch is never taken'
export const GUARD =
  'A guard that the compiler asks for, where a lookup finds what the invariants say is there: without it the step would ' +
  'throw instead of doing nothing, and a test would have to break the state by hand'
export const SAME = 'The result is the same either way: the line spares work, or decides between two equal things'
export const NARROWS =
  'Tells the variants of a union apart for the compiler: what comes next compares a field that only this variant has, and ' +
  'for the others comes to nothing as well'
export const NUMBER = 'A number with its reason beside it; no row promises it, and a test would repeat it'
export const PROSE = 'A sentence for people: no row promises its words'
export const PURE = 'Nothing but a Refusal is ever thrown there: the readers are pure'
export const REST = 'A name that is told by being none of the others: nothing asks for it by itself'
export const ONE =
  'An association has one root, which has one session and one invitation at a time: whatever is asked for is that one'

/** A comparison of a kind that is taken for granted, or for excluded. @param {string} was @param {string} becomes */
export const isNarrowing = (was, becomes) =>
  /^(true|false)$/.test(becomes) && /^[\w.?]+(\.kind|\.type)? (===|!==) '[\w-]+'$/.test(was)

/** Several of them, joined otherwise or left out together. @param {string} was @param {string} becomes */
export const areNarrowings = (was, becomes) =>
  isNarrowing(was, becomes) ||
  (/\.kind (===|!==) '/.test(was) &&
    (/^(true|false)$/.test(becomes) || becomes.replaceAll(/[()]/g, '').length === was.replaceAll(/[()]/g, '').length))

/** A comparison of two things that are one, taken for granted. @param {string} was @param {string} becomes */
export const isOneOf = (was, becomes) => /^(true|false)$/.test(becomes) && /^[\w.?]+ (===|!==) [\w.]+$/.test(was)

/** This one comparison or condition taken for granted, or for excluded. @param {string} what */
export const exactly = (what) => /** @param {string} was @param {string} becomes */ (was, becomes) =>
  was === what && /^(true|false)$/.test(becomes)

/**
 * Whatever this part of a line is changed to.
 * @param {readonly (string | RegExp)[]} entry the file, the line and the part
 * @param {string} why
 */
export const inPart = ([file, code, part], why) => {
  const pattern = new RegExp(part ?? '')
  return { file: String(file), code: String(code), is: (/** @type {string} */ was) => pattern.test(was), why }
}
