// One source file, parsed by the compiler's own parser: where it lies, what it imports, its comments, its nodes. What
// the rules look at; makes no judgement. Positions become 1-based lines here and nowhere else.

import ts from 'typescript'

export type Import = {
  readonly specifier: string
  readonly line: number
}

export type Comment = {
  readonly text: string
  readonly line: number
  readonly lastLine: number
}

export type Source = {
  /** From the top of the repository, with slashes: `shared/src/core/session.ts`. */
  readonly path: string
  readonly tree: ts.SourceFile
  readonly lines: number
  /** Whatever makes this file depend on another: import, export from, import(), import type. */
  readonly imports: readonly Import[]
}

export type Finding = {
  readonly path: string
  readonly line: number
  readonly what: string
}

export function parseSource(path: string, text: string): Source {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : path.endsWith('js') ? ts.ScriptKind.JS : ts.ScriptKind.TS
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind)
  const lines = text.replace(/\n$/, '').split('\n').length
  return { path, tree, lines, imports: importsOf(tree) }
}

/** Conformance scripts are tests, declared by `script('title', …)` and run under that title by two runners. */
const SCRIPTS = 'e2e/conformance/scripts/'
export const isTest = ({ path }: Source): boolean => /\.(test|spec)\.tsx?$/.test(path) || path.startsWith(SCRIPTS)
export const isDeclaration = ({ path }: Source): boolean => path.endsWith('.d.ts')
/** What runs for a user: neither a test nor types alone. */
export const isProduct = (source: Source): boolean => !isTest(source) && !isDeclaration(source)

export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1
}

export function finding(source: Source, node: ts.Node, what: string): Finding {
  return { path: source.path, line: lineOf(source.tree, node.getStart(source.tree)), what }
}

/** Every node of the tree, parents first. */
export function nodesOf(tree: ts.SourceFile): readonly ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return nodes
}

/** Every comment, and nothing that only looks like one: strings, templates, patterns and JSX text are left out. */
export function commentsOf(tree: ts.SourceFile): readonly Comment[] {
  const ranges = new Map<number, ts.CommentRange>()
  const prose: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) prose.push(node)
    else if (node.getChildCount(tree) === 0) {
      const before = ts.getLeadingCommentRanges(tree.text, node.pos) ?? []
      const after = ts.getTrailingCommentRanges(tree.text, node.end) ?? []
      for (const range of [...before, ...after]) ranges.set(range.pos, range)
    }
    for (const child of node.getChildren(tree)) visit(child)
  }
  visit(tree)
  return [...ranges.values()]
    .filter(({ pos }) => !prose.some((text) => text.pos <= pos && pos < text.end))
    .toSorted((a, b) => a.pos - b.pos)
    .map(({ pos, end }) => ({
      text: tree.text.slice(pos, end),
      line: lineOf(tree, pos),
      lastLine: lineOf(tree, end),
    }))
}

function importsOf(tree: ts.SourceFile): readonly Import[] {
  return nodesOf(tree).flatMap((node) => {
    const specifier = specifierOf(node)
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return []
    return [{ specifier: specifier.text, line: lineOf(tree, specifier.getStart(tree)) }]
  })
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (ts.isExternalModuleReference(node)) return node.expression
  if (!ts.isCallExpression(node)) return undefined
  const loads =
    node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(node.expression) && node.expression.text === 'require')
  return loads ? node.arguments[0] : undefined
}
