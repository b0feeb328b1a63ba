// The look of a file: how long it may be, how it opens, what it may not contain. Lengths are questions, not virtues: past
// them, ask what else is in there. Tests may be long, and open as they like; what is unsafe is unsafe in them too.

import ts from 'typescript'
import {
  commentsOf,
  finding,
  isDeclaration,
  isProduct,
  isTest,
  lineOf,
  nodesOf,
  type Finding,
  type Source,
} from './source.ts'

const FILE_LINES_MAX = 300
const FUNCTION_LINES_MAX = 70
const HEADER_LINES_MIN = 2
const HEADER_LINES_MAX = 12
const UNFINISHED = /\b(FIXME|TODO|XXX)\b/
const SILENCED = /@ts-(ignore|nocheck)\b/
/** Where what runs for users lives; a page and a test runner may keep a variable. */
const STATELESS = ['shared/src/', 'client/src/', 'signaling-server/src/']

export function filesAreShort(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter((source) => !isTest(source) && source.lines > FILE_LINES_MAX)
    .map(({ path, lines }) => ({
      path,
      line: FILE_LINES_MAX + 1,
      what: `${lines} lines; ${FILE_LINES_MAX} are plenty`,
    }))
}

export function functionsAreShort(sources: readonly Source[]): readonly Finding[] {
  return inNodes(sources.filter(isProduct), (node, { tree }) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return undefined
    const lines = lineOf(tree, node.end) - lineOf(tree, node.getStart(tree)) + 1
    return lines > FUNCTION_LINES_MAX ? `a function of ${lines} lines; ${FUNCTION_LINES_MAX} are plenty` : undefined
  })
}

export function filesOpenWithAHeader(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter((source) => !isTest(source))
    .flatMap((source) => {
      const lines = headerLines(source)
      if (HEADER_LINES_MIN <= lines && lines <= HEADER_LINES_MAX) return []
      const what = `opens with ${lines} lines of comment, not ${HEADER_LINES_MIN} to ${HEADER_LINES_MAX}`
      return [{ path: source.path, line: 1, what }]
    })
}

export function noEmptyCatch(sources: readonly Source[]): readonly Finding[] {
  return inNodes(sources, (node) => {
    const empty = ts.isCatchClause(node) && node.block.statements.length === 0
    return empty ? 'an empty catch: an error leaves no trace' : undefined
  })
}

export function nothingUnfinished(sources: readonly Source[]): readonly Finding[] {
  return inComments(sources, UNFINISHED, 'unfinished')
}

/** No `any`, no `!`, no comment that silences the compiler. `@ts-expect-error` is fine: it fails when it is not needed. */
export function typesAreHonest(sources: readonly Source[]): readonly Finding[] {
  const inTypes = inNodes(sources, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any'
    if (ts.isNonNullExpression(node)) return 'a non-null assertion (!)'
    const definite = (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) && node.exclamationToken
    return definite ? 'a definite assignment (!)' : undefined
  })
  return [...inTypes, ...inComments(sources, SILENCED, 'the compiler silenced')]
}

export function modulesHoldNoState(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter((source) => STATELESS.some((folder) => source.path.startsWith(folder)) && isProduct(source))
    .flatMap((source) =>
      source.tree.statements
        .filter(ts.isVariableStatement)
        .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.BlockScoped) !== ts.NodeFlags.Const)
        .map((statement) => finding(source, statement, 'a variable at the top of a module: state belongs to an owner')),
    )
}

/** The comment lines from the top, as far as they are unbroken; a #! line does not count. */
function headerLines(source: Source): number {
  const shebang = ts.getShebang(source.tree.text) === undefined ? 0 : 1
  let next = 1 + shebang
  for (const { line, lastLine } of commentsOf(source.tree)) {
    if (line !== next) break
    next = lastLine + 1
  }
  return next - 1 - shebang
}

function inNodes(
  sources: readonly Source[],
  judge: (node: ts.Node, source: Source) => string | undefined,
): readonly Finding[] {
  return sources
    .filter((source) => !isDeclaration(source))
    .flatMap((source) =>
      nodesOf(source.tree).flatMap((node) => {
        const what = judge(node, source)
        return what === undefined ? [] : [finding(source, node, what)]
      }),
    )
}

function inComments(sources: readonly Source[], pattern: RegExp, what: string): readonly Finding[] {
  return sources.flatMap((source) =>
    commentsOf(source.tree)
      .filter(({ text }) => pattern.test(text))
      .map(({ line, text }) => ({ path: source.path, line, what: `${what}: ${text.trim()}` })),
  )
}
