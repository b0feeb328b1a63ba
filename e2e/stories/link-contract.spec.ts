// The contract that every link keeps, run on simple-peer in a real page, and on the fake beside it; and in Node, on the
// WebRTC that Node members use. The contract is bundled here, into a folder of its own, from the client's files for it,
// which know no test runner.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, defaultClientConditions } from 'vite'
import { expect, test } from '../fixtures.ts'

const MESH = fileURLToPath(new URL('../../client/src/mesh/', import.meta.url))
const HERE = fileURLToPath(new URL('.', import.meta.url))

test('[D13] [D16] [D24] [D25] [D27] links over WebRTC keep the contract, and so does the fake', async ({ openTab }) => {
  test.setTimeout(90_000) // Two dozen cases one after the other, most with a connection of their own.
  const code = await bundled('link-contract.page.ts', [])
  const tab = await openTab('contract')
  await tab.page.goto(`${tab.server.url}/healthz`)
  await tab.evaluate(async (code) => {
    await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
  }, code)
  const results = await tab.evaluate(async () => {
    const run: unknown = Reflect.get(window, 'runLinkContract')
    const results: unknown = typeof run === 'function' ? await run() : []
    return Array.isArray(results) ? results.map(({ title, error }) => ({ title: String(title), error })) : []
  })
  expect(results.length).toBeGreaterThan(40)
  for (const { title, error } of results) {
    await test.step(title, () => expect.soft(error, title).toBeNull())
  }
})

test('[D13] [D16] [D24] [D25] [D27] links over WebRTC in Node keep the contract', async () => {
  test.setTimeout(90_000) // As above; and two ends in Node now and then take a second to find each other.
  const folder = await mkdtemp(join(HERE, 'link-contract-'))
  try {
    const contract = join(folder, 'contract.js')
    await writeFile(contract, await bundled('link-contract.node.ts', [/^simple-peer/]))
    const script = `
      import * as wrtc from 'node-datachannel/polyfill'
      import { contractOver } from ${JSON.stringify(contract)}
      process.stdout.write(JSON.stringify(await contractOver(wrtc)), () => process.exit())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: HERE })
    const results: readonly { readonly title: string; readonly error: string | null }[] = JSON.parse(stdout)
    expect(results.length).toBeGreaterThan(20)
    for (const { title, error } of results) {
      await test.step(title, () => expect.soft(error, title).toBeNull())
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** One script without imports, but for those that are named. */
async function bundled(entry: string, external: readonly RegExp[]): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'link-contract-'))
  try {
    await build({
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      resolve: { conditions: ['source', ...defaultClientConditions] },
      build: {
        target: 'es2022',
        outDir,
        emptyOutDir: true,
        lib: { entry: MESH + entry, formats: ['es'], fileName: () => 'contract.js' },
        rolldownOptions: { external: [...external], output: { codeSplitting: false } },
      },
    })
    return await readFile(join(outDir, 'contract.js'), 'utf8')
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}
