// The bench's pages as scripts: each library's driver with the library and the workload, one script without imports.
// joinleaf's own page brings only its driver: the SDK comes from the real server, as built.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export const LIBRARIES = ['joinleaf', 'raw', 'simple-peer', 'peerjs', 'trystero'] as const
export type Library = (typeof LIBRARIES)[number]

export async function bundlePages(libraries: readonly Library[]): Promise<ReadonlyMap<Library, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const pages = new Map<Library, string>()
    for (const library of libraries) pages.set(library, await bundled(library, join(folder, library)))
    return pages
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function bundled(library: Library, outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      lib: {
        entry: fileURLToPath(new URL(`pages/${library}.page.ts`, import.meta.url)),
        formats: ['es'],
        fileName: () => 'page.js',
      },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  return await readFile(join(outDir, 'page.js'), 'utf8')
}
