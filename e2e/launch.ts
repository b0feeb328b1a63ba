// How a run that starts its own browsers starts them: as the stories do, and for pages that come from another network.
// The configuration of the stories is the one place where switches are chosen.

import type { LaunchOptions } from 'playwright'
import config from './playwright.config.ts'

/** `origin`: where the pages come from, if that is not this machine's own. */
export function launchOptions(executablePath: string, origin?: string): LaunchOptions {
  const options: LaunchOptions = { ...config.use?.launchOptions, executablePath }
  return origin === undefined ? options : trusting(origin, options)
}

/**
 * For browsers whose pages come from this origin: as secure as this machine's own, and no address of theirs is made up,
 * since nobody in another network could make anything of it.
 */
export function trusting(origin: string, options: LaunchOptions): LaunchOptions {
  const args = (options.args ?? []).map((arg) =>
    arg.startsWith('--disable-features=') ? `${arg},WebRtcHideLocalIpsWithMdns` : arg,
  )
  return { ...options, args: [...args, `--unsafely-treat-insecure-origin-as-secure=${origin}`] }
}
