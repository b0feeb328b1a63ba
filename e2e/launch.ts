// How a run that starts its own browsers starts them: as the stories do, and for pages that come from another network.
// The configuration of the stories is the one place where switches are chosen.

import type { LaunchOptions } from 'playwright'
import config from './playwright.config.ts'

/** `origin`: one that is not this machine's own, and to be treated like it; addresses there are not made up. */
export function launchOptions(executablePath: string, origin?: string): LaunchOptions {
  const options: LaunchOptions = { ...config.use?.launchOptions, executablePath }
  if (origin === undefined) return options
  const args = (options.args ?? []).map((arg) =>
    arg.startsWith('--disable-features=') ? `${arg},WebRtcHideLocalIpsWithMdns` : arg,
  )
  return { ...options, args: [...args, `--unsafely-treat-insecure-origin-as-secure=${origin}`] }
}
