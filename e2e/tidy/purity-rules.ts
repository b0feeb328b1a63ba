// What the shared package may not touch: time, chance and the world. The compiler already hides most of these names
// (lib ES2023, no types); Date and Math.random belong to the language and would get past. Whoever gives one of these
// names to something of his own is reported as well: a reader would have to look twice.

import ts from 'typescript'
import { finding, isProduct, nodesOf, type Finding, type Source } from './source.ts'

const FORBIDDEN = new Set([
  'Date',
  'setTimeout',
  'setInterval',
  'clearTimeout',
  'clearInterval',
  'queueMicrotask',
  'structuredClone',
  'performance',
  'console',
  'crypto',
  'globalThis',
])

export function sharedIsPure(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter((source) => source.path.startsWith('shared/src/') && isProduct(source))
    .flatMap((source) =>
      nodesOf(source.tree)
        .filter(ts.isIdentifier)
        .filter(refersToSomething)
        .flatMap((identifier) => {
          const name = worldlyName(identifier)
          return name === undefined ? [] : [finding(source, identifier, `${name} has no place in the shared package`)]
        }),
    )
}

function worldlyName(identifier: ts.Identifier): string | undefined {
  if (FORBIDDEN.has(identifier.text)) return identifier.text
  if (identifier.text !== 'Math') return undefined
  // Any use of Math that is not `Math.name` could hide its chance: `const { random } = Math`, `Math[name]`.
  const { parent } = identifier
  if (!ts.isPropertyAccessExpression(parent)) return 'Math as a value'
  return parent.name.text === 'random' ? 'Math.random' : undefined
}

/** False for names that only look like the global: members, keys, and what the file declares itself. */
function refersToSomething(identifier: ts.Identifier): boolean {
  const { parent } = identifier
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === identifier
  if (ts.isQualifiedName(parent)) return parent.left === identifier
  if (ts.isPropertyAssignment(parent)) return parent.initializer === identifier
  if (ts.isBindingElement(parent)) return parent.initializer === identifier
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === identifier
  if (ts.isPropertyDeclaration(parent) || ts.isEnumMember(parent)) return parent.initializer === identifier
  return !(
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isAccessor(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isNamedTupleMember(parent)
  )
}
