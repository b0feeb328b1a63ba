// Each rule, shown to find what it should and to leave alone what it should: files made of strings, no disk.

import { describe, expect, test } from 'vitest'
import * as imports from './import-rules.ts'
import { sharedIsPure } from './purity-rules.ts'
import * as shape from './shape-rules.ts'
import { commentsOf, parseSource, type Finding, type Source } from './source.ts'
import { titlesOpenWithARow } from './title-rules.ts'

type Rule = (sources: readonly Source[]) => readonly Finding[]
type Files = Readonly<Record<string, string>>

const found = (rule: Rule, files: Files): readonly string[] =>
  rule(Object.entries(files).map(([path, text]) => parseSource(path, text))).map(({ path, line }) => `${path}:${line}`)

const from = (...specifiers: readonly string[]): string => specifiers.map((name) => `import '${name}'\n`).join('')

describe('imports', () => {
  test('[A1] a library, a node module and a neighbour are outside; a test may use its runner', () => {
    const files = {
      'shared/src/core/a.ts': from('node:fs', 'nanoid', '../../../client/src/a.ts', './b.ts'),
      'shared/src/core/b.ts': "export type { X } from 'socket.io'\nconst m = import('ws')\ntype Y = import('ws').Y",
      'shared/src/core/a.test.ts': from('vitest', 'fast-check', '@joinleaf/shared', 'node:fs'),
    }
    expect(found(imports.sharedImportsNothingOutside, files)).toEqual([
      'shared/src/core/a.ts:1',
      'shared/src/core/a.ts:2',
      'shared/src/core/a.ts:3',
      'shared/src/core/b.ts:1',
      'shared/src/core/b.ts:2',
      'shared/src/core/b.ts:3',
      'shared/src/core/a.test.ts:4',
    ])
  })

  test('[A2] a room of shared may import what stands before it', () => {
    const files = {
      'shared/src/winsock/a.ts': from('./b.ts', '../protocol/ids.ts'),
      'shared/src/protocol/a.ts': from('../winsock/a.ts', '../core/machine.ts'),
      'shared/src/core/a.ts': from('../winsock/a.ts', '../protocol/a.ts', '../runtime/pump.ts'),
      'shared/src/core/a.test.ts': from('../sim/world.ts'),
      'shared/src/runtime/pump.ts': from('../core/machine.ts', '../core/session.ts'),
      'shared/src/sim/a.ts': from('../winsock/a.ts', '../protocol/a.ts', '../core/a.ts', '../runtime/pump.ts'),
      'shared/src/index.ts': from('./core/a.ts'),
    }
    expect(found(imports.roomsOfSharedKeepTheirOrder, files)).toEqual([
      'shared/src/winsock/a.ts:2',
      'shared/src/protocol/a.ts:2',
      'shared/src/core/a.ts:3',
      'shared/src/runtime/pump.ts:2',
    ])
  })

  test('[A2] only tests and the simulation itself import the simulation', () => {
    const files = {
      'shared/src/index.ts': from('./sim/world.ts'),
      'client/src/a.ts': from('@joinleaf/shared/sim', '@joinleaf/shared'),
      'client/src/a.test.ts': from('@joinleaf/shared/sim'),
      'shared/src/sim/world.ts': from('./clock.ts'),
      'e2e/explore.js': from('@joinleaf/shared/sim'),
    }
    expect(found(imports.simIsForTests, files)).toEqual(['shared/src/index.ts:1', 'client/src/a.ts:1'])
  })

  test('[A4] client and server, by path or by package', () => {
    const files = {
      'client/src/a.ts': from('../../signaling-server/src/a.ts', '@joinleaf/signaling-server', '@joinleaf/shared'),
      'signaling-server/src/a.ts': from('joinleaf', '../../client/src/a.ts', '@joinleaf/shared'),
    }
    expect(found(imports.clientAndServerAreStrangers, files)).toEqual([
      'client/src/a.ts:1',
      'client/src/a.ts:2',
      'signaling-server/src/a.ts:1',
      'signaling-server/src/a.ts:2',
    ])
  })

  test('[A5] one importer each; tests and declarations are not counted; none is too few', () => {
    const files = {
      'client/src/a.ts': "const bundle = import('simple-peer/simplepeer.min.js')",
      'client/src/b.ts': from('socket.io-client'),
      'client/src/c.ts': `\n${from('socket.io-client')}`,
      'client/src/c.test.ts': from('socket.io-client'),
      'client/src/d.d.ts': from('simple-peer'),
    }
    expect(found(imports.librariesHaveOneImporter, files)).toEqual([
      'package.json:1',
      'client/src/b.ts:1',
      'client/src/c.ts:2',
    ])
  })

  test('[A6] the page sees the public surface and itself', () => {
    const files = {
      'client/page/main.tsx': from(
        'preact',
        './view.tsx',
        '../src/index.ts',
        '../src/mesh/lane.ts',
        '@joinleaf/shared',
      ),
    }
    expect(found(imports.pageSeesTheSdkAsAUserDoes, files)).toEqual([
      'client/page/main.tsx:4',
      'client/page/main.tsx:5',
    ])
  })

  test('[A7] sessions see the surface of the sockets, and nothing below', () => {
    const files = {
      'client/src/sessions/host.ts': from(
        './guest.ts',
        '../sockets/index.ts',
        '@joinleaf/shared',
        '../sockets/perform-effect.ts',
        '../mesh/link-port.ts',
        '../signaling/signaling-port.ts',
      ),
    }
    expect(found(imports.sessionsStandOnTheSocketsSurface, files)).toEqual([
      'client/src/sessions/host.ts:4',
      'client/src/sessions/host.ts:5',
      'client/src/sessions/host.ts:6',
    ])
  })

  test('[A8] stories know what is built, and the public types of the SDK', () => {
    const files = {
      'e2e/stories/a.spec.ts': from('../fixtures.ts', 'playwright/test', '@joinleaf/shared', '../../client/src/a.ts'),
      'e2e/tab.ts': "import type { Socket } from 'joinleaf'",
      'e2e/explore.js': from('@joinleaf/shared/sim'),
    }
    expect(found(imports.storiesAreStrangers, files)).toEqual(['e2e/stories/a.spec.ts:3', 'e2e/stories/a.spec.ts:4'])
  })

  test('[A9] a cycle is found through packages and through types, once', () => {
    const files = {
      'shared/src/index.ts': "export * from './core/a.ts'",
      'shared/src/core/a.ts': "import type { B } from './b.ts'",
      'shared/src/core/b.ts': "\nimport { a } from '@joinleaf/shared'",
      'client/src/a.ts': from('@joinleaf/shared', './b.ts'),
      'client/src/b.ts': from('@joinleaf/shared'),
    }
    expect(found(imports.noCycles, files)).toEqual(['shared/src/core/b.ts:2'])
  })
})

describe('purity', () => {
  test('[A3] each way to the clock, to chance and to the world is found', () => {
    const ways = [
      'Date.now()',
      'new Date()',
      'Math.random()',
      "Math['random']()",
      'const { random } = Math',
      'setTimeout(go, 1)',
      'setInterval(go, 1)',
      'performance.now()',
      'console.log(1)',
      'crypto.randomUUID()',
      'queueMicrotask(go)',
      'structuredClone(x)',
      'globalThis.x',
      'const box = { crypto }',
      'const now: () => number = Date.now',
    ]
    const files = { 'shared/src/core/a.ts': ways.join('\n') }
    expect(found(sharedIsPure, files)).toEqual(ways.map((_, index) => `shared/src/core/a.ts:${index + 1}`))
  })

  test('[A3] what only looks like it is left alone', () => {
    const text = [
      '// Date.now() and Math.random() are not for us',
      "const what = 'setTimeout'",
      'const far = Math.max(1, plan.performance, plan.Date)',
      'type Plan = { readonly performance: number; crypto(): void }',
      'const plan = { console: 1, Date: 2 }',
    ].join('\n')
    const files = {
      'shared/src/core/a.ts': text,
      'client/src/clock.ts': 'Date.now()',
      'shared/src/a.test.ts': 'Date()',
    }
    expect(found(sharedIsPure, files)).toEqual([])
  })
})

describe('shape', () => {
  const lines = (count: number): string => 'go()\n'.repeat(count)

  test('[A10] 300 lines are a file, 301 too many; a test may be longer', () => {
    const files = { 'client/src/a.ts': lines(300), 'client/src/b.ts': lines(301), 'client/src/b.test.ts': lines(301) }
    expect(found(shape.filesAreShort, files)).toEqual(['client/src/b.ts:301'])
  })

  test('[A10] 70 lines are a function, 71 too many, whatever kind of function', () => {
    const files = {
      'client/src/a.ts': `function a() {\n${lines(68)}}\n/** why\n * so */\nfunction b() {\n${lines(69)}}`,
      'client/src/b.ts': `class B {\n  c = () => {\n${lines(69)}}\n  get d() {\n${lines(69)}}\n}`,
    }
    expect(found(shape.functionsAreShort, files)).toEqual([
      'client/src/a.ts:73',
      'client/src/b.ts:2',
      'client/src/b.ts:73',
    ])
  })

  test('[A11] a header of 2 to 12 lines, in either kind of comment', () => {
    const files = {
      'client/src/none.ts': 'go()',
      'client/src/one.ts': '// one\n\n// not the header any more\ngo()',
      'client/src/two.ts': '// one\n// two\ngo()',
      'client/src/block.ts': '/* one\n two */\ngo()',
      'client/src/thirteen.ts': '// line\n'.repeat(13),
      'e2e/run.js': '#!/usr/bin/env node\n// one\n// two\ngo()',
      'client/src/a.test.ts': 'go()',
    }
    expect(found(shape.filesOpenWithAHeader, files)).toEqual([
      'client/src/none.ts:1',
      'client/src/one.ts:1',
      'client/src/thirteen.ts:1',
    ])
  })

  test('[A12] a comment does not fill a catch', () => {
    const files = {
      'client/src/a.ts': 'try { go() } catch {}\ntry { go() } catch (error) { /* never mind */ }',
      'client/src/b.ts': 'try { go() } catch (error) { tell(error) }\nconst s = "catch {}"',
    }
    expect(found(shape.noEmptyCatch, files)).toEqual(['client/src/a.ts:1', 'client/src/a.ts:2'])
  })

  test('[A13] unfinished words count in comments only', () => {
    const [fix, todo] = ['FIX', 'TO'].map((start) => start + (start === 'FIX' ? 'ME' : 'DO'))
    const files = {
      'client/src/a.tsx': `go() // ${fix}\n/* ${todo}: more */\nconst t = <p>// ${todo}</p>\nconst s = '// ${fix}'`,
    }
    expect(found(shape.nothingUnfinished, files)).toEqual(['client/src/a.tsx:1', 'client/src/a.tsx:2'])
  })

  test('[A14] any, ! and silenced checks, in tests too', () => {
    const files = {
      'client/src/a.ts': 'let a: any\nb as any\nc!.d\nclass E { f!: string }\nlet g!: number\n// @ts-ignore why\nh()',
      'client/src/a.test.ts': '// @ts-nocheck',
      'client/src/b.ts': "// any\nconst any = 'any'\nif (!any) go()\n// @ts-expect-error proves a refusal\nh()",
    }
    expect(found(shape.typesAreHonest, files)).toEqual([
      ...[1, 2, 3, 4, 5].map((line) => `client/src/a.ts:${line}`),
      'client/src/a.ts:6',
      'client/src/a.test.ts:1',
    ])
  })

  test('[A15] a let or a var at the top of a module is state', () => {
    const files = {
      'client/src/a.ts': 'let a = 1\nexport let b\nvar c\nconst d = 2\nfunction e() { let f = 1; return f }',
      'e2e/a.ts': 'let a = 1',
    }
    expect(found(shape.modulesHoldNoState, files)).toEqual([
      'client/src/a.ts:1',
      'client/src/a.ts:2',
      'client/src/a.ts:3',
    ])
  })

  test('[A11] comments are told from what looks like them', () => {
    const text =
      'const a = `// no ${/* yes */ b} // no`\nconst c = /\\/\\/ no/\nconst d = <p>// no {e /* yes */}</p> // yes'
    const comments = commentsOf(parseSource('client/page/a.tsx', text).tree)
    expect(comments.map((comment) => comment.text)).toEqual(['/* yes */', '/* yes */', '// yes'])
  })
})

describe('titles', () => {
  const variant = ['sk', 'ip'].join('') // in pieces, so that whoever looks for tests switched off does not find this

  const judged = (...tests: readonly string[]): readonly string[] =>
    found(titlesOpenWithARow, { 'shared/src/a.test.ts': tests.join('\n') }).map((place) => place.split(':')[1] ?? '')

  test('[A16] rows, lists and spans of rows open a title', () => {
    const fine = [
      "test('[C42] a', go)",
      "it('[D3, E1] a', go)",
      `test.${variant}('[C160–C168] a', () => {})`,
      "test.each(rows)('[K4] %s', go)",
      "test.each([['[C1] a', 1], ['[D2] b', 2]] as const satisfies Rows)('%s holds', go)",
      "test.each(['[C1] a', '[D2] b'])('%s', go)",
      'for (const x of xs) test(`[A2] ${x}`, go)',
      'for (const x of xs) test(`[${x.row}] ${x.what}`, go)',
      `test.${variant}(isSlow, 'why')`,
      'test.describe("stories", go)',
      'pattern.test("a")',
    ]
    expect(judged(...fine)).toEqual([])
  })

  test('[A16] anything else does not', () => {
    const wrong = [
      "test('a', go)",
      "it('C42 a', () => {})",
      "test('[C42]', go)",
      "test('[X1] a', go)",
      "test.each(rows)('%s', go)",
      "test.each([['[C1] a', 1], ['b', 2]])('%s holds', go)",
      `test.${variant}('a', () => {})`,
      'test(title, go)',
      'test(`${x} a`, go)',
    ]
    expect(judged(...wrong)).toEqual(wrong.map((_, index) => String(index + 1)))
  })
})
