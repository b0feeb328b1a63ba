// What shared/MUTANTS.md says of files that were not run here: a figure is of a commit, and stays where it is known. Reads
// what summary.js writes, and nothing else.

/** @typedef {import('./summary.js').FileReport} FileReport */
/** @typedef {import('./summary.js').Survivor} Survivor */

const ROW =
  /^\| (?<file>\S+) \| (?<mutants>\d+)(?: \(1 of (?<sample>\d+)\))? \| (?<killed>\d+) \|.*\| (?<commit>\w+) \|$/
const SURVIVOR = /^- (?<file>\S+?):(?<line>\d+) (?<change>.*)$/

/** @param {string} text @returns {readonly FileReport[]} */
export function reportsIn(text) {
  const all = survivorsIn(text)
  return text.split('\n').flatMap((row) => {
    const { file, mutants, killed, sample, commit } = ROW.exec(row)?.groups ?? {}
    if (file === undefined || commit === undefined) return []
    const survivors = all.filter((one) => one.file === file)
    return [{ file, commit, sample: Number(sample ?? 1), mutants: Number(mutants), killed: Number(killed), survivors }]
  })
}

/** Each with the reason it stands under. @param {string} text @returns {readonly Survivor[]} */
function survivorsIn(text) {
  const [explained = '', open = ''] = text.slice(text.indexOf('## Explained')).split('## Not explained')
  /** @type {string | null} */
  let why = null
  /** @type {Survivor[]} */
  const survivors = []
  for (const line of explained.split('\n')) {
    if (line.endsWith(':') && !line.startsWith('- ')) why = line.slice(0, -1)
    else survivors.push(...survivorIn(line, why))
  }
  return [...survivors, ...open.split('\n').flatMap((line) => survivorIn(line, null))]
}

/** @param {string} text @param {string | null} why @returns {readonly Survivor[]} */
function survivorIn(text, why) {
  const { file, line, change } = SURVIVOR.exec(text)?.groups ?? {}
  if (file === undefined || change === undefined) return []
  return [{ file, line: Number(line), code: '', change, why }]
}
