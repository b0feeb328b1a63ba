// What the server is told from outside: the command line, and under it the environment, parsed once into a Config.
// A value that cannot be meant is answered with one sentence; nothing is guessed. Reads nothing itself: arguments and
// environment are handed in.

import { parseArgs } from 'node:util'
import { CONNECTIONS_PER_MINUTE } from './limits.ts'
import { LOG_LEVELS } from './log.ts'
import type { LogLevel } from './log.ts'
import { SECRET_CHARS_MIN } from './secret.ts'
import type { SecretSource } from './secret.ts'

export type Config = {
  readonly host: string
  readonly port: number
  readonly origins: '*' | readonly string[]
  readonly logLevel: LogLevel
  readonly connectionsPerMinute: number
  readonly secret: SecretSource
}

/** In the directory that the server is started in. */
const SECRET_FILE = '.joinleaf/secret'

export type Reading =
  | { readonly kind: 'run'; readonly config: Config }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly sentence: string }

export type Environment = Readonly<Record<string, string | undefined>>

export const HELP = `joinleaf: the page, the SDK and the signaling server

  --port <number>       where to listen; 0 takes a free port         JOINLEAF_PORT or PORT   8080
  --host <name>         which address to listen on; 0.0.0.0 for all  JOINLEAF_HOST           127.0.0.1
  --origin <list>       sites whose pages may connect, by commas     JOINLEAF_ORIGIN         *
  --log-level <level>   ${LOG_LEVELS.join(', ').padEnd(43)}  JOINLEAF_LOG            info
  --connections-per-minute <number>
                        new connections an address may open          JOINLEAF_CONNECTIONS    ${CONNECTIONS_PER_MINUTE}
  --secret-file <path>  what tokens are signed with, made when it    JOINLEAF_SECRET_FILE
                        is not there; none keeps it in memory        or JOINLEAF_SECRET      .joinleaf/secret
  --help, --version

The command line wins over the environment. Logs go to stderr as JSON; stdout says where to open the page.`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  origin: { type: 'string' },
  'log-level': { type: 'string' },
  'connections-per-minute': { type: 'string' },
  'secret-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** Says which setting is wrong and what it may be. Caught in this file. */
class WrongSetting extends Error {
  override readonly name = 'WrongSetting'
}

export function readConfig(args: readonly string[], environment: Environment): Reading {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true })
    if (values.help === true) return { kind: 'help' }
    if (values.version === true) return { kind: 'version' }
    const given = (option: string | undefined, ...names: string[]): string | undefined =>
      [option, ...names.map((name) => environment[name])].find((value) => value !== undefined && value !== '')
    const config: Config = {
      port: wholeNumber('port', given(values.port, 'JOINLEAF_PORT', 'PORT') ?? '8080', 0, 65_535),
      host: hostName(given(values.host, 'JOINLEAF_HOST') ?? '127.0.0.1'),
      origins: originList(given(values.origin, 'JOINLEAF_ORIGIN') ?? '*'),
      logLevel: logLevel(given(values['log-level'], 'JOINLEAF_LOG') ?? 'info'),
      connectionsPerMinute: wholeNumber(
        'number of connections per minute',
        given(values['connections-per-minute'], 'JOINLEAF_CONNECTIONS') ?? String(CONNECTIONS_PER_MINUTE),
        1,
        1_000_000,
      ),
      secret: secretSource(
        given(values['secret-file'], 'JOINLEAF_SECRET_FILE'),
        values['secret-file'] === undefined ? given(undefined, 'JOINLEAF_SECRET') : undefined,
      ),
    }
    return { kind: 'run', config }
  } catch (error) {
    if (error instanceof WrongSetting) return { kind: 'wrong', sentence: error.message }
    // parseArgs names what it does not know in its first sentence, and explains the dash in the others.
    if (!(error instanceof TypeError)) throw error
    return { kind: 'wrong', sentence: `${error.message.split(/\.?\s*\n|\. /)[0] ?? ''}; see --help` }
  }
}

function wholeNumber(what: string, value: string, min: number, max: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (number >= min && number <= max) return number
  throw new WrongSetting(`the ${what} must be a whole number from ${min} to ${max}, not "${value}"`)
}

function hostName(value: string): string {
  if (/^[\w.:-]+$/.test(value)) return value
  throw new WrongSetting(`the host must be a name or an address to listen on, such as 127.0.0.1, not "${value}"`)
}

function originList(value: string): '*' | readonly string[] {
  if (value.trim() === '*') return '*'
  return value.split(',').map((one) => {
    const origin = one.trim()
    const url = URL.canParse(origin) ? new URL(origin) : null
    if (url !== null && /^https?:$/.test(url.protocol) && `${origin}/` === url.href) return origin
    throw new WrongSetting(`an origin must be * or look like https://example.org, not "${origin}"`)
  })
}

/** The command line wins; else the secret itself is nearer than a file with one. */
function secretSource(file: string | undefined, secret: string | undefined): SecretSource {
  if (secret !== undefined && secret.length >= SECRET_CHARS_MIN) return { kind: 'given', secret }
  if (secret !== undefined) throw new WrongSetting(`the secret must have at least ${SECRET_CHARS_MIN} characters`)
  if (file === 'none') return { kind: 'memory' }
  return { kind: 'file', path: file ?? SECRET_FILE }
}

function logLevel(value: string): LogLevel {
  const known = LOG_LEVELS.find((level) => level === value)
  if (known !== undefined) return known
  throw new WrongSetting(`the log level must be one of ${LOG_LEVELS.join(', ')}, not "${value}"`)
}
