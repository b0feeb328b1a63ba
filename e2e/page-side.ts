// The page's side of a test or a run: one file of e2e as a script, types taken out and nothing else changed, since a page
// has no compiler. Whoever puts it into a page knows what it puts on `window`.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright'
import ts from 'typescript'

/** `path` is the file's place below e2e. */
export function pageSide(path: string): string {
  const source = readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  return ts.transpileModule(source, { compilerOptions }).outputText
}

/** As a module of the page; done when it has put its thing on `window`. */
export async function putPageSide(page: Page, path: string, thing: string): Promise<void> {
  await page.addScriptTag({ type: 'module', content: pageSide(path) })
  await page.waitForFunction((thing) => thing in window, thing)
}
