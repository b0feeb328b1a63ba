// The processes of a browser that the run itself has started, and signals to them: frozen, thawed, killed at one stroke.
// Never signals anything else: ids come from the browser's own list of its processes.

import type { Browser } from 'playwright'

/** The browser's own process and all its children, renderers and services. */
export async function processesOf(browser: Browser): Promise<readonly number[]> {
  const devTools = await browser.newBrowserCDPSession()
  const { processInfo } = await devTools.send('SystemInfo.getProcessInfo')
  await devTools.detach()
  return processInfo.map(({ id }) => id)
}

/** One that is gone already needs no signal. */
export function signal(processes: readonly number[], name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
  for (const id of processes) {
    try {
      process.kill(id, name)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}
