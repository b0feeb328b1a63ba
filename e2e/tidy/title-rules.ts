// A test's title opens with the row it proves: `[C42] …`, `[D3, D4] …`, `[C160–C168] …`. C and D rows are the
// specification's, E its extensions, K what was learned from others' bugs, A the architecture (tidy.test.ts).

import ts from 'typescript'
import { finding, isTest, nodesOf, type Finding, type Source } from './source.ts'

const ROW = String.raw`[ACDEK]\d+[a-z]?`
const OPENS_WITH_ROWS = new RegExp(String.raw`^\[${ROW}(?:(?:, ?|[–-])${ROW})*\] \S`)
/** `test.skip('title', …)` and the like declare a test; `test.describe`, `test.use`, `test.step` do not. */
const VARIANTS = new Set(['only', 'skip', 'fixme', 'fail', 'fails', 'todo', 'concurrent', 'sequential', 'slow'])
/** `test.each(rows)('title', …)`: these give a function that declares tests. */
const FACTORIES = new Set(['each', 'for', 'skipIf', 'runIf', 'prop'])

/** `script` declares a test for two runners, which both call it by its `script.title`. */
const DECLARERS = new Set(['test', 'it', 'script', 'simulatedScript'])

export function titlesOpenWithARow(sources: readonly Source[]): readonly Finding[] {
  return sources.filter((source) => isTest(source) || importsTest(source)).flatMap(badTitles)
}

function badTitles(source: Source): readonly Finding[] {
  return nodesOf(source.tree)
    .filter(ts.isCallExpression)
    .filter((call) => declaresTest(call.expression) && !isCondition(call))
    .flatMap((call) => {
      const title = call.arguments[0]
      if (title !== undefined && (opensWithRow(title) || takesItsRowFromATable(title, call.expression))) return []
      return [finding(source, call, `a test whose title opens with no row: ${title?.getText(source.tree) ?? ''}`)]
    })
}

/** `test.skip()` or `test.skip(condition, 'why')` inside a test speaks of that test. */
function isCondition(call: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(call.expression)) return false
  return !call.arguments.slice(1).some((argument) => ts.isArrowFunction(argument) || ts.isFunctionExpression(argument))
}

function declaresTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return DECLARERS.has(callee.text)
  if (ts.isPropertyAccessExpression(callee)) return VARIANTS.has(callee.name.text) && declaresTest(callee.expression)
  if (ts.isTaggedTemplateExpression(callee)) return isFactory(callee.tag)
  return ts.isCallExpression(callee) && isFactory(callee.expression)
}

function isFactory(callee: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(callee)) return false
  return FACTORIES.has(callee.name.text) && declaresTest(callee.expression)
}

function opensWithRow(title: ts.Expression): boolean {
  if (title.getText() === 'script.title') return true // Judged where the script is written.
  if (ts.isStringLiteralLike(title)) return OPENS_WITH_ROWS.test(title.text)
  if (!ts.isTemplateExpression(title)) return false
  // `[${row}] what` takes its row from a table; otherwise the row stands before the first hole.
  const [first] = title.templateSpans
  if (title.head.text === '[') return first?.literal.text.startsWith('] ') === true
  return OPENS_WITH_ROWS.test(`${title.head.text}…`)
}

/** `test.each([['[C1] a', …], ['[C2] b', …]])('%s holds', …)`: the rows stand in the table. */
function takesItsRowFromATable(title: ts.Expression, callee: ts.Expression): boolean {
  if (!ts.isStringLiteralLike(title) || !title.text.startsWith('%s') || !ts.isCallExpression(callee)) return false
  const [argument] = callee.arguments
  const table = argument && bare(argument)
  if (table === undefined || !ts.isArrayLiteralExpression(table)) return false
  return table.elements.every((element) => {
    const entry = bare(element)
    const first = ts.isArrayLiteralExpression(entry) ? entry.elements[0] : entry
    return first !== undefined && opensWithRow(first)
  })
}

/** Without what only speaks to the compiler: `as const`, `satisfies`, parentheses. */
function bare(expression: ts.Expression): ts.Expression {
  if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)) return bare(expression.expression)
  return ts.isParenthesizedExpression(expression) ? bare(expression.expression) : expression
}

function importsTest(source: Source): boolean {
  return source.imports.some(({ specifier }) => specifier === 'vitest') && !source.path.endsWith('.config.ts')
}
