// Who may import whom: the arrows of the architecture, the single importers of the libraries, no cycles. Each rule takes
// all sources and gives what offends it. An import of types is an import: it binds the reader just as much.

import { posix } from 'node:path'
import { isDeclaration, isTest, type Finding, type Import, type Source } from './source.ts'

/** The workspaces' packages, by the file that their `source` condition names. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@joinleaf/shared': 'shared/src/index.ts',
  '@joinleaf/shared/sim': 'shared/src/sim/index.ts',
  '@joinleaf/signaling-server': 'signaling-server/src/main.ts',
  joinleaf: 'client/src/index.ts',
}

const TEST_LIBRARIES = new Set(['vitest', 'fast-check'])
const LIBRARIES = ['simple-peer', 'socket.io', 'socket.io-client']
/** What runs the simulation itself: no stories, and nothing that is delivered. */
const SIMULATORS = new Set([
  'e2e/explore.js',
  'e2e/diagrams.js',
  'e2e/tidy/diagrams.test.ts',
  'e2e/simulate.js',
  'e2e/conformance/simulated-socket.ts',
  'e2e/conformance/simulated-world.ts',
  // They take chance from a seed, and nothing else.
  'e2e/soak/faults.ts',
  'e2e/soak/soak.ts',
])
/** What the sessions layer may know of the sockets layer below it. */
const SOCKETS_SURFACE = ['client/src/sockets/index.ts', 'client/src/sockets/multipoint-socket.ts']

/** Inside shared/src: what each folder may import besides itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  winsock: [],
  protocol: ['winsock/'],
  core: ['winsock/', 'protocol/'],
  runtime: ['core/machine.ts'],
  sim: ['winsock/', 'protocol/', 'core/', 'runtime/'],
}

export function sharedImportsNothingOutside(sources: readonly Source[]): readonly Finding[] {
  return offences(sources, 'shared/', (source, target, { specifier }) => {
    if (isTest(source) && TEST_LIBRARIES.has(specifier)) return undefined
    return target?.startsWith('shared/src/') ? undefined : 'shared imports nothing outside itself'
  })
}

export function roomsOfSharedKeepTheirOrder(sources: readonly Source[]): readonly Finding[] {
  return offences(sources, 'shared/src/', (source, target) => {
    const room = source.path.split('/')[2] ?? ''
    const allowed = ROOMS[room]
    if (allowed === undefined || !target?.startsWith('shared/src/')) return undefined
    if (isTest(source) && target.startsWith('shared/src/sim/')) return undefined
    const fine = [`${room}/`, ...allowed].some((prefix) => target.startsWith(`shared/src/${prefix}`))
    return fine ? undefined : `${room} may import ${[...allowed, 'itself'].join(', ')} only`
  })
}

export function clientAndServerAreStrangers(sources: readonly Source[]): readonly Finding[] {
  return [
    ...offences(sources, 'client/', (_, target) =>
      target?.startsWith('signaling-server/') ? 'the client does not know the server' : undefined,
    ),
    ...offences(sources, 'signaling-server/', (_, target) =>
      target?.startsWith('client/') ? 'the server does not know the client' : undefined,
    ),
  ]
}

export function simIsForTests(sources: readonly Source[]): readonly Finding[] {
  return offences(sources, '', (source, target) => {
    if (source.path.startsWith('shared/src/sim/') || isTest(source) || SIMULATORS.has(source.path)) return undefined
    return target?.startsWith('shared/src/sim/') ? 'the simulation is for tests only' : undefined
  })
}

/** Each library has one file that knows it: fewer means it is not used, more that it has leaked. */
export function librariesHaveOneImporter(sources: readonly Source[]): readonly Finding[] {
  return LIBRARIES.flatMap((library) => {
    const importers = sources
      .filter((source) => !isTest(source) && !isDeclaration(source))
      .flatMap((source) => source.imports.filter(names(library)).map((found) => ({ source, found })))
    const files = [...new Set(importers.map(({ source }) => source.path))]
    if (files.length === 1) return []
    if (files.length === 0) return [{ path: 'package.json', line: 1, what: `no file imports ${library}` }]
    return importers.map(({ source, found }) => {
      return { path: source.path, line: found.line, what: `${library} is imported in ${files.length} files; one may` }
    })
  })
}

export function pageSeesTheSdkAsAUserDoes(sources: readonly Source[]): readonly Finding[] {
  return offences(sources, 'client/page/', (_, target) => {
    if (target === undefined || target.startsWith('client/page/') || target === PACKAGES['joinleaf']) return undefined
    return 'the page knows the public surface of the SDK (../src/index.ts) and itself'
  })
}

export function sessionsStandOnTheSocketsSurface(sources: readonly Source[]): readonly Finding[] {
  return offences(sources, 'client/src/sessions/', (_, target) => {
    if (!target?.startsWith('client/src/') || target.startsWith('client/src/sessions/')) return undefined
    const below = target.startsWith('client/src/sockets/') || /^client\/src\/(mesh|signaling)\//.test(target)
    return below && !SOCKETS_SURFACE.includes(target) ? `sessions know ${SOCKETS_SURFACE.join(', ')} only` : undefined
  })
}

/** The stories see what is built: pages, the SDK's module, the server's command line. Of the SDK, its public types. */
export function storiesAreStrangers(sources: readonly Source[]): readonly Finding[] {
  return offences(sources, 'e2e/', ({ path }, target, { specifier }) => {
    if (target === undefined || target.startsWith('e2e/') || specifier === 'joinleaf') return undefined
    if (SIMULATORS.has(path) && /^@joinleaf\/shared(\/sim)?$/.test(specifier)) return undefined
    return 'e2e imports the inside of no workspace'
  })
}

/** Reports each cycle once, at the import that closes it. */
export function noCycles(sources: readonly Source[]): readonly Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const findings: Finding[] = []
  const visit = (source: Source, trail: readonly string[]): void => {
    if (done.has(source.path)) return
    const here = [...trail, source.path]
    for (const found of source.imports) {
      const next = byPath.get(targetOf(source, found) ?? '')
      if (next === undefined) continue
      const start = here.indexOf(next.path)
      if (start < 0) visit(next, here)
      else {
        const cycle = [...here.slice(start), next.path].join(' → ')
        findings.push({ path: source.path, line: found.line, what: `closes a cycle: ${cycle}` })
      }
    }
    done.add(source.path)
  }
  for (const source of sources) visit(source, [])
  return findings
}

type Judge = (source: Source, target: string | undefined, found: Import) => string | undefined

function offences(sources: readonly Source[], folder: string, judge: Judge): readonly Finding[] {
  return sources
    .filter((source) => source.path.startsWith(folder))
    .flatMap((source) =>
      source.imports.flatMap((found) => {
        const why = judge(source, targetOf(source, found), found)
        return why === undefined ? [] : [{ path: source.path, line: found.line, what: `${found.specifier}: ${why}` }]
      }),
    )
}

/** The file of ours that an import leads to; undefined for a library. */
function targetOf(source: Source, { specifier }: Import): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(source.path), specifier)
  const known = PACKAGES[specifier]
  if (known !== undefined) return known
  const owner = Object.keys(PACKAGES).find((name) => specifier.startsWith(`${name}/`))
  return owner === undefined ? undefined : specifier.replace(owner, PACKAGES[owner] ?? owner)
}

const names =
  (library: string) =>
  ({ specifier }: Import): boolean =>
    specifier === library || specifier.startsWith(`${library}/`)
