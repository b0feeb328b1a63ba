// The architecture's rules, held against every source file of the workspaces. Rows A are defined here:
//   A1  shared imports nothing outside itself                  A10 files ≤ 300 lines, functions ≤ 70 (tests aside)
//   A2  in shared: winsock ← protocol ← core ← sim, runtime    A11 a file opens with 2–12 lines of comment
//       knows core/machine.ts; sim is for tests only           A12 no empty catch
//   A3  shared knows no time, no chance, no world              A13 nothing unfinished is left in a comment
//   A4  client and signaling-server never import each other    A14 no any, no !, no silenced compiler
//   A5  simple-peer, socket.io, socket.io-client: one importer A15 no variable at the top of a module
//   A6  the page sees the SDK as a user does                   A16 a test's title opens with the row it proves
//   A7  sessions know the sockets by their surface only
//   A8  e2e imports the inside of no workspace
//   A9  no import cycles

import { expect, test } from 'vitest'
import {
  clientAndServerAreStrangers,
  librariesHaveOneImporter,
  noCycles,
  pageSeesTheSdkAsAUserDoes,
  roomsOfSharedKeepTheirOrder,
  sessionsStandOnTheSocketsSurface,
  sharedImportsNothingOutside,
  simIsForTests,
  storiesAreStrangers,
} from './import-rules.ts'
import { sharedIsPure } from './purity-rules.ts'
import { readSources } from './repository.ts'
import {
  filesAreShort,
  filesOpenWithAHeader,
  functionsAreShort,
  modulesHoldNoState,
  noEmptyCatch,
  nothingUnfinished,
  typesAreHonest,
} from './shape-rules.ts'
import type { Finding, Source } from './source.ts'
import { titlesOpenWithARow } from './title-rules.ts'

const sources = readSources()

function expectNone(rule: (sources: readonly Source[]) => readonly Finding[]): void {
  const findings = rule(sources).map(({ path, line, what }) => `${path}:${line}: ${what}`)
  if (findings.length > 0) expect.fail(`${findings.length} of them:\n${findings.join('\n')}`)
}

test('[A1] shared imports nothing outside itself', () => expectNone(sharedImportsNothingOutside))
test('[A2] the rooms of shared keep their order', () => expectNone(roomsOfSharedKeepTheirOrder))
test('[A2] the simulation is for tests only', () => expectNone(simIsForTests))
test('[A3] shared knows no time, no chance, no world', () => expectNone(sharedIsPure))
test('[A4] client and server never import each other', () => expectNone(clientAndServerAreStrangers))
test('[A5] each networking library has one importer', () => expectNone(librariesHaveOneImporter))
test('[A6] the page sees the SDK as a user does', () => expectNone(pageSeesTheSdkAsAUserDoes))
test('[A7] sessions know the sockets by their surface', () => expectNone(sessionsStandOnTheSocketsSurface))
test('[A8] the stories import the inside of no workspace', () => expectNone(storiesAreStrangers))
test('[A9] no import cycles', () => expectNone(noCycles))
test('[A10] files are short', () => expectNone(filesAreShort))
test('[A10] functions are short', () => expectNone(functionsAreShort))
test('[A11] files open by saying what they own', () => expectNone(filesOpenWithAHeader))
test('[A12] no empty catch', () => expectNone(noEmptyCatch))
test('[A13] nothing unfinished is left behind', () => expectNone(nothingUnfinished))
test('[A14] types are honest', () => expectNone(typesAreHonest))
test('[A15] modules hold no state', () => expectNone(modulesHoldNoState))
test('[A16] the title of a test opens with its row', () => expectNone(titlesOpenWithARow))
