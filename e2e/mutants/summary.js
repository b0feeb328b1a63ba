// What mutation testing has shown so far, over all files: reports/mutants.json, and shared/MUTANTS.md for people, where what
// was not run here stays as it was (kept.js). A mutant that survives is either explained in reasons.js, or listed as it is:
// something to look at.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { reportsIn } from './kept.js'
import { REASONS } from './reasons.js'

/** @typedef {{ readonly file: string, readonly line: number, readonly code: string, readonly change: string, readonly why: string | null }} Survivor */
/** @typedef {{ readonly file: string, readonly commit: string, readonly sample: number, readonly mutants: number, readonly killed: number, readonly survivors: readonly Survivor[] }} FileReport */
/** @typedef {{ readonly source: string, readonly mutants: readonly Mutant[] }} StrykerFile */
/**
 * @typedef {object} Mutant
 * @property {string} status
 * @property {string} mutatorName
 * @property {string} [replacement]
 * @property {{ readonly start: { readonly line: number, readonly column: number }, readonly end: { readonly line: number, readonly column: number } }} location
 */

export const RESULTS = 'reports/mutants'
const TEXT = 'shared/MUTANTS.md'
const KILLED = ['Killed', 'Timeout']
const SURVIVED = ['Survived', 'NoCoverage']

/** @param {readonly string[]} all the files that there are to be changed */
export function summarize(all) {
  const results = existsSync(RESULTS) ? readdirSync(RESULTS) : []
  const fresh = results.map(reportOf)
  const kept = existsSync(TEXT) ? reportsIn(readFileSync(TEXT, 'utf8')) : []
  const old = kept.filter(({ file }) => all.includes(file) && !fresh.some((one) => one.file === file))
  const files = [...fresh, ...old].toSorted((a, b) => (a.file < b.file ? -1 : 1))
  const total = { mutants: sum(files, ({ mutants }) => mutants), killed: sum(files, ({ killed }) => killed) }
  writeFileSync('reports/mutants.json', `${JSON.stringify({ ...total, score: score(total), files }, undefined, 2)}\n`)
  const without = all.filter((path) => !files.some(({ file }) => file === path))
  writeFileSync(TEXT, textOf(files, total, without))
}

/** @param {string} name @returns {FileReport} */
function reportOf(name) {
  /** @type {StrykerFile & { file: string, commit: string, sample: number }} */
  const { file, commit, sample, source, mutants } = JSON.parse(readFileSync(`${RESULTS}/${name}`, 'utf8'))
  const lines = source.split('\n')
  const survivors = mutants
    .filter(({ status }) => SURVIVED.includes(status))
    .map((mutant) => survivorOf(file, lines, mutant))
    .toSorted((a, b) => a.line - b.line)
  const killed = mutants.filter(({ status }) => KILLED.includes(status)).length
  return { file, commit, sample, mutants: killed + survivors.length, killed, survivors }
}

/** @param {string} file @param {readonly string[]} lines @param {Mutant} mutant @returns {Survivor} */
function survivorOf(file, lines, { location: { start, end }, replacement = '' }) {
  const line = lines[start.line - 1] ?? ''
  const was =
    start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`
  const change = `\`${short(was)}\` → \`${short(replacement)}\``
  const code = line.trim()
  const why = REASONS.find(
    (reason) => file.endsWith(reason.file) && code.includes(reason.code) && reason.is(was, replacement),
  )
  return { file, line: start.line, code, change, why: why?.why ?? null }
}

/** @param {string} text */
function short(text) {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
  return flat.length > 60 ? `${flat.slice(0, 57)}…` : flat
}

/**
 * @param {readonly FileReport[]} files
 * @param {{ readonly mutants: number, readonly killed: number }} total
 * @param {readonly string[]} without those that have no figure
 */
function textOf(files, total, without) {
  const survivors = files.flatMap((file) => file.survivors)
  const reasons = [...new Set(survivors.flatMap(({ why }) => (why === null ? [] : [why])))].toSorted()
  /** @param {string | null} why */
  const listed = (why) =>
    survivors.filter((one) => one.why === why).map(({ file, line, change }) => `- ${file}:${line} ${change}`)
  return [
    '# Changes that no test notices',
    '',
    'Written by `npm run mutants` (Stryker): the pure core and the parser, changed in one place at a time. A change counts as noticed',
    'when a test beside the code fails, or never ends. Sentences for people are not changed, and the invariants, which judge the',
    'machines in tests, are not part of it (`e2e/mutants/shards.js`). A figure belongs to the commit beside it, and its lines to that',
    'commit’s text: after a change to a file, its shard is to be run again. “1 of 4”: only every fourth declaration was changed.',
    '',
    `**${total.killed} of ${total.mutants} noticed: ${score(total)} %.**`,
    '',
    '| file | changes | noticed | % | not noticed | of these explained | commit |',
    '|---|---|---|---|---|---|---|',
    ...files
      .filter(({ mutants }) => mutants > 0)
      .map((file) => {
        const explained = file.survivors.filter(({ why }) => why !== null).length
        const { mutants, killed, commit, sample } = file
        return `| ${file.file} | ${mutants}${sample === 1 ? '' : ` (1 of ${sample})`} | ${killed} | ${score(file)} | ${mutants - killed} | ${explained} | ${commit} |`
      }),
    '',
    ...(without.length === 0 ? [] : [`No figure yet: ${without.join(', ')}.`, '']),
    '## Explained',
    ...reasons.flatMap((why) => ['', `${why}:`, '', ...listed(why)]),
    '',
    '## Not explained',
    '',
    ...(survivors.some(({ why }) => why === null)
      ? ['Nobody has looked at these yet, or a test is missing.', '', ...listed(null)]
      : ['None.']),
    '',
  ].join('\n')
}

/** @param {{ readonly mutants: number, readonly killed: number }} counts */
function score({ mutants, killed }) {
  return mutants === 0 ? 100 : Math.floor((1000 * killed) / mutants) / 10
}

/** @template T @param {readonly T[]} items @param {(item: T) => number} of */
function sum(items, of) {
  return items.reduce((total, item) => total + of(item), 0)
}
