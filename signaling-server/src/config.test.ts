// Settings come in parsed or not at all: the command line over the environment over the defaults, and one clear sentence
// for a value that cannot be meant.

import { describe, expect, test } from 'vitest'
import { HELP, readConfig } from './config.ts'
import { CONNECTIONS_PER_MINUTE } from './limits.ts'

const DEFAULTS = {
  host: '127.0.0.1',
  port: 8080,
  origins: '*',
  logLevel: 'info',
  connectionsPerMinute: CONNECTIONS_PER_MINUTE,
  secret: { kind: 'file', path: '.joinleaf/secret' },
}

describe('what is taken', () => {
  test('[A17] the defaults, if nothing is said', () => {
    expect(readConfig([], {})).toEqual({ kind: 'run', config: DEFAULTS })
    expect(readConfig([], { JOINLEAF_PORT: '', JOINLEAF_HOST: undefined })).toEqual({ kind: 'run', config: DEFAULTS })
  })

  test('[A17] the environment', () => {
    const environment = {
      JOINLEAF_PORT: '0',
      JOINLEAF_HOST: '0.0.0.0',
      JOINLEAF_ORIGIN: 'https://example.org, http://localhost:5173',
      JOINLEAF_LOG: 'debug',
      JOINLEAF_CONNECTIONS: '100000',
      JOINLEAF_SECRET: 'correct horse battery staple twice',
    }
    expect(readConfig([], environment)).toEqual({
      kind: 'run',
      config: {
        host: '0.0.0.0',
        port: 0,
        origins: ['https://example.org', 'http://localhost:5173'],
        logLevel: 'debug',
        connectionsPerMinute: 100_000,
        secret: { kind: 'given', secret: 'correct horse battery staple twice' },
      },
    })
  })

  test('[A17] the command line wins', () => {
    const args = ['--port', '81', '--host=::1', '--origin', '*', '--log-level', 'silent', '--connections-per-minute=1']
    args.push('--secret-file', '/var/lib/joinleaf')
    const environment = {
      JOINLEAF_PORT: '82',
      PORT: '83',
      JOINLEAF_ORIGIN: 'https://example.org',
      JOINLEAF_LOG: 'info',
      JOINLEAF_SECRET: 'correct horse battery staple twice',
    }
    const secret = { kind: 'file', path: '/var/lib/joinleaf' }
    const config = { host: '::1', port: 81, origins: '*', logLevel: 'silent', connectionsPerMinute: 1, secret }
    expect(readConfig(args, environment)).toEqual({ kind: 'run', config })
  })

  test('[A17] PORT, where a host gives one; JOINLEAF_PORT is nearer', () => {
    expect(readConfig([], { PORT: '83' })).toMatchObject({ config: { port: 83 } })
    expect(readConfig([], { PORT: '83', JOINLEAF_PORT: '82' })).toMatchObject({ config: { port: 82 } })
  })

  test('[D29] a secret that is kept nowhere, if told so', () => {
    expect(readConfig(['--secret-file', 'none'], {})).toMatchObject({ config: { secret: { kind: 'memory' } } })
    expect(readConfig([], { JOINLEAF_SECRET_FILE: '/etc/secret' })).toMatchObject({
      config: { secret: { path: '/etc/secret' } },
    })
  })

  test('[A17] a question is answered before anything is judged', () => {
    expect(readConfig(['--help', '--port', 'x'], {})).toEqual({ kind: 'help' })
    expect(readConfig(['-h'], {})).toEqual({ kind: 'help' })
    expect(readConfig(['--version'], { JOINLEAF_PORT: 'x' })).toEqual({ kind: 'version' })
  })

  test('[A17] every option is in the help, within 120 columns', () => {
    for (const option of [
      '--port',
      '--host',
      '--origin',
      '--log-level',
      '--connections-per-minute',
      '--secret-file',
      '--help',
      '--version',
    ]) {
      expect(HELP).toContain(option)
    }
    expect(HELP.split('\n').filter((line) => line.length > 120)).toEqual([])
  })
})

describe('what is refused, with a sentence', () => {
  test.each([
    [['--port', 'x'], 'the port must be a whole number from 0 to 65535, not "x"'],
    [['--port', '65536'], 'the port must be a whole number from 0 to 65535, not "65536"'],
    [['--port', '-1'], 'argument is ambiguous'],
    [['--port', '1e3'], 'the port must be a whole number'],
    [['--port', '80.5'], 'the port must be a whole number'],
    [['--port'], 'argument missing'],
    [['--host', 'a b'], 'the host must be a name or an address'],
    [['--host', 'http://x'], 'the host must be a name or an address'],
    [['--origin', 'example.org'], 'an origin must be * or look like https://example.org, not "example.org"'],
    [['--origin', 'https://example.org/path'], 'an origin must be'],
    [['--origin', '*, https://example.org'], 'an origin must be'],
    [['--origin', 'ftp://example.org'], 'an origin must be'],
    [['--log-level', 'loud'], 'the log level must be one of silent, error, warn, info, debug, not "loud"'],
    [['--connections-per-minute', '0'], 'the number of connections per minute must be a whole number from 1'],
    [['--prot', '80'], "Unknown option '--prot'"],
    [['80'], "Unexpected argument '80'"],
  ])('[A17] %j', (args, beginning) => {
    const reading = readConfig(args, {})
    expect(reading).toMatchObject({ kind: 'wrong', sentence: expect.stringContaining(beginning) })
    expect(reading).toMatchObject({ sentence: expect.not.stringContaining('\n') })
  })

  test('[A17] from the environment, too', () => {
    expect(readConfig([], { JOINLEAF_PORT: 'http' })).toMatchObject({ kind: 'wrong' })
    expect(readConfig([], { JOINLEAF_LOG: 'INFO' })).toMatchObject({ kind: 'wrong' })
    expect(readConfig([], { JOINLEAF_SECRET: 'short' })).toMatchObject({ kind: 'wrong' })
  })
})
