#!/usr/bin/env node
// The program: reads its settings, starts the server, says on stdout where to open the page, and stops when it is asked
// to. Exit codes: 0 stopped as asked, 1 could not start, 2 wrong settings. Knows nothing of how the server works.
// Carries D29: on SIGINT and SIGTERM it stops, and sessions go on if they can come back to the next.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HELP, readConfig } from './config.ts'
import type { Config } from './config.ts'
import { createServer } from './create-server.ts'
import type { RunningServer } from './create-server.ts'
import { defaultLimits } from './limits.ts'
import { createLog } from './log.ts'
import { secretFrom } from './secret.ts'

const reading = readConfig(process.argv.slice(2), process.env)
switch (reading.kind) {
  case 'run':
    await run(reading.config)
    break
  case 'help':
    console.log(HELP)
    break
  case 'version':
    console.log(version())
    break
  case 'wrong':
    console.error(`joinleaf: ${reading.sentence}`)
    process.exitCode = 2
    break
}

async function run(config: Config): Promise<void> {
  try {
    const server = await createServer({
      host: config.host,
      port: config.port,
      origins: config.origins,
      directories: { page: built('page'), sdk: built('sdk') },
      secret: secretFrom(config.secret),
      limits: { ...defaultLimits, connectionsPerMinute: config.connectionsPerMinute },
      log: createLog(config.logLevel),
    })
    console.log(`joinleaf is up: open http://${openAt(config.host)}:${server.port}/`)
    stopWhenAsked(server)
  } catch (error) {
    console.error(`joinleaf: ${whyNotStarted(error, config)}`)
    process.exitCode = 1
  }
}

function built(part: 'page' | 'sdk'): string {
  return fileURLToPath(new URL(`../../client/dist/${part}`, import.meta.url))
}

/** Listening on every address is listening on this machine's own, too, and that is the one to open. */
function openAt(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function stopWhenAsked(server: RunningServer): void {
  let asked = false
  const stop = (): void => {
    if (asked) process.exit(1) // Asked twice: do not wait for anybody.
    asked = true
    server.stop().catch((error: unknown) => {
      console.error('joinleaf: could not stop in good order:', error)
      process.exit(1)
    })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function whyNotStarted(error: unknown, { host, port }: Config): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken; choose another with --port`
    case 'EACCES':
      return `port ${port} may not be used without special rights; choose one above 1023 with --port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not an address of this machine; choose another with --host`
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

function version(): string {
  const about: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof about === 'object' && about !== null && 'version' in about ? String(about.version) : 'unknown'
}
