// Why a mutant may survive.

/** @type {readonly { readonly file: string, readonly code: string, readonly is: (was: string, becomes: string) => boolean, readonly why: string }[]} */
export const REASONS = []
