// What Stryker shall not mutate: sentences. A text with a space in it explains something to a person (an InvariantViolation,
// the reason of a refusal, the detail of an error); no row promises its words, and a test of the words would only
// repeat them. Codes, kinds and names have no spaces, and are mutated.

import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** @typedef {{ readonly node: { readonly type: string, readonly value?: unknown, readonly quasis?: readonly { readonly value: { readonly raw: string } }[] } }} Path */

const prose = {
  /** @param {unknown} path @returns {string | undefined} the reason, or nothing */
  shouldIgnore(path) {
    const { node } = /** @type {Path} */ (path)
    const text =
      node.type === 'StringLiteral'
        ? String(node.value)
        : node.type === 'TemplateLiteral'
          ? (node.quasis ?? []).map(({ value }) => value.raw).join('')
          : ''
    return /\S \S|\S $|^ \S/.test(text) ? 'a sentence for people: no row promises its words' : undefined
  },
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', prose)]
