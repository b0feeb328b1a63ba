// Runs the tests that judge mutants of the pure core, all within one process: they are loaded once, and each mutant costs no
// more than the tests that reach it, those first that caught its neighbours. Vitest would start and load anew for each of
// thousands. It can be so simple because the core is pure: the tests need no clock, no hooks, no mocks, and leave
// nothing behind. What looks like vitest to them is one-process-vitest.js, and fast-check few-examples.js. For a mutant
// that acts while its module loads, everything is loaded anew. A loop without an end is told by its steps,
// not by a clock: on a busy machine every test would be slow enough to count as caught.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner'
import { createServer, createServerModuleRunner } from 'vite'

/** @typedef {import('@stryker-mutator/api/test-runner').TestRunner} TestRunner */
/** @typedef {import('@stryker-mutator/api/test-runner').TestResult} TestResult */
/** @typedef {import('@stryker-mutator/api/core').MutantCoverage} MutantCoverage */
/** @typedef {{ readonly id: string, readonly run: () => unknown }} Test */
/**
 * What the instrumented code and its tests have in common.
 * @typedef {object} Namespace
 * @property {string} [activeMutant]
 * @property {string} [currentTestId]
 * @property {number} [hitCount]
 * @property {number} [hitLimit]
 * @property {MutantCoverage} [mutantCoverage]
 */

/** The tests beside the code, and the conformance scripts in the simulated world. */
const PLACES = ['shared/src/core', 'shared/src/protocol', 'shared/src/runtime', 'shared/src/winsock', 'e2e/conformance']
/** Without the random ones, whose luck must not decide what counts as caught. */
const IS_JUDGE = /(?<!-random)\.test\.ts$/
/** Half of the time of all tests goes into these few; whatever they catch, others catch as well or it is listed. */
const TOO_SLOW = /halves of surrogate pairs become|empty messages cannot be queued|a full session admits nobody/
const SHIM = 'e2e/mutants/one-process-vitest.js'
/** In the copy that Stryker works on, the workspaces' packages would be those of the original. */
const ALIASES = {
  vitest: SHIM,
  'fast-check': 'e2e/mutants/few-examples.js',
  '@joinleaf/shared': 'shared/src/index.ts',
  '@joinleaf/shared/sim': 'shared/src/sim/index.ts',
}

/** Stryker allows a mutant a hundred times the steps that all tests take without it; five times tell a loop as well. */
const PATIENCE = 20

/** @type {Namespace} */
const namespace = {}
Object.defineProperty(globalThis, INSTRUMENTER_CONSTANTS.NAMESPACE, { value: namespace })

/** @implements {TestRunner} */
class OneProcess {
  /** Stryker hands nothing in. */
  static inject = /** @type {const} */ ([])
  /** @type {import('vite').ViteDevServer | null} */
  #vite = null
  /** @type {import('vite/module-runner').ModuleRunner | null} */
  #modules = null
  /** @type {ReadonlyMap<string, Test>} */
  #tests = new Map()
  /** What is loaded was loaded with a mutant that acts while its module loads. */
  #isStale = false
  /** How long each took when it was last run. */
  /** @type {Map<string, number>} */
  #times = new Map()
  /** Those that caught something, the last one last. */
  /** @type {Set<string>} */
  #catchers = new Set()

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    this.#vite = await createServer({
      configFile: false,
      root: process.cwd(),
      logLevel: 'error',
      appType: 'custom',
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
      optimizeDeps: { noDiscovery: true, include: [] },
      resolve: {
        alias: Object.entries(ALIASES).map(([find, path]) => ({
          find: new RegExp(`^${find}$`),
          replacement: join(process.cwd(), path),
        })),
      },
    })
    this.#modules = createServerModuleRunner(this.#vite.environments.ssr, { hmr: false })
    await this.#load()
  }

  async dispose() {
    await this.#modules?.close()
    await this.#vite?.close()
  }

  /** @returns {Promise<import('@stryker-mutator/api/test-runner').DryRunResult>} */
  async dryRun() {
    /** @type {TestResult[]} */
    const tests = []
    for (const test of this.#tests.values()) {
      const { id } = test
      namespace.currentTestId = id
      const failureMessage = await this.#run(test)
      const base = { id, name: id, timeSpentMs: this.#times.get(id) ?? 0 }
      tests.push(
        failureMessage === null
          ? { ...base, status: TestStatus.Success }
          : { ...base, status: TestStatus.Failed, failureMessage },
      )
    }
    delete namespace.currentTestId
    const { mutantCoverage } = namespace
    return { status: DryRunStatus.Complete, tests, ...(mutantCoverage === undefined ? {} : { mutantCoverage }) }
  }

  /**
   * @param {import('@stryker-mutator/api/test-runner').MutantRunOptions} options
   * @returns {Promise<import('@stryker-mutator/api/test-runner').MutantRunResult>}
   */
  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    const limit = hitLimit === undefined ? undefined : Math.ceil(hitLimit / PATIENCE)
    if (this.#isStale) await this.#load()
    if (mutantActivation === 'runtime') return await this.#judge(activeMutant.id, testFilter ?? this.#ids(), limit)
    // Reached while the modules load and by tests as well: what those tests do not see, none would.
    const met = activeMutant.coveredBy ?? []
    if (met.length > 0) return await this.#judge(activeMutant.id, met, limit)
    return await this.#judgeAnew(activeMutant.id, limit)
  }

  #ids() {
    return [...this.#tests.keys()]
  }

  /**
   * @param {string} mutant
   * @param {number | undefined} hitLimit
   * @returns {Promise<import('@stryker-mutator/api/test-runner').MutantRunResult>}
   */
  async #judgeAnew(mutant, hitLimit) {
    this.#isStale = true
    this.#begin(mutant, hitLimit)
    try {
      await this.#load()
    } catch (error) {
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 }
    } finally {
      this.#isStale = true
      delete namespace.activeMutant
    }
    return await this.#judge(mutant, this.#ids(), hitLimit)
  }

  /** @param {string} mutant @param {number | undefined} hitLimit */
  #begin(mutant, hitLimit) {
    namespace.hitCount = 0
    namespace.activeMutant = mutant
    if (hitLimit === undefined) delete namespace.hitLimit
    else namespace.hitLimit = hitLimit
  }

  /**
   * @param {string} mutant
   * @param {readonly string[]} ids
   * @param {number | undefined} hitLimit
   * @returns {Promise<import('@stryker-mutator/api/test-runner').MutantRunResult>}
   */
  async #judge(mutant, ids, hitLimit) {
    this.#begin(mutant, hitLimit)
    try {
      return await this.#firstFailure(ids, hitLimit)
    } finally {
      delete namespace.activeMutant
    }
  }

  /**
   * @param {readonly string[]} ids
   * @param {number | undefined} hitLimit
   * @returns {Promise<import('@stryker-mutator/api/test-runner').MutantRunResult>}
   */
  async #firstFailure(ids, hitLimit) {
    for (const [index, id] of this.#inOrder(ids).entries()) {
      const test = this.#tests.get(id)
      const failureMessage = test === undefined ? `there is no test any more: ${id}` : await this.#run(test)
      if (hitLimit !== undefined && (namespace.hitCount ?? 0) > hitLimit) {
        return { status: MutantRunStatus.Timeout, reason: 'a loop without an end' }
      }
      if (failureMessage === null) continue
      this.#catchers.delete(id)
      this.#catchers.add(id)
      return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage, nrOfTests: index + 1 }
    }
    return { status: MutantRunStatus.Survived, nrOfTests: ids.length }
  }

  /**
   * First those that caught a mutant before, the last one first, since neighbours fall to the same tests; then the quick
   * ones. Most mutants do not live to meet the slow ones.
   * @param {readonly string[]} ids
   */
  #inOrder(ids) {
    const asked = new Set(ids)
    const catchers = [...this.#catchers].filter((id) => asked.has(id)).toReversed()
    const timeOf = /** @param {string} id */ (id) => this.#times.get(id) ?? 0
    return [...new Set([...catchers, ...ids.toSorted((a, b) => timeOf(a) - timeOf(b))])]
  }

  /** @param {Test} test @returns {Promise<string | null>} why it failed */
  async #run({ id, run }) {
    const began = performance.now()
    try {
      await run()
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    } finally {
      this.#times.set(id, performance.now() - began)
    }
  }

  async #load() {
    const modules = this.#modules
    if (modules === null) throw new Error('the runner has not been initialised')
    modules.clearCache()
    this.#isStale = false
    const shim = /** @type {{ gathered: (file: string) => readonly Test[] }} */ (await modules.import(`/${SHIM}`))
    /** @type {Map<string, Test>} */
    const tests = new Map()
    for (const place of PLACES) {
      for (const name of readdirSync(place)
        .filter((one) => IS_JUDGE.test(one))
        .toSorted()) {
        await modules.import(`/${place}/${name}`)
        for (const test of shim.gathered(`${place}/${name}`)) if (!TOO_SLOW.test(test.id)) tests.set(test.id, test)
      }
    }
    this.#tests = tests
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'one-process', OneProcess)]
