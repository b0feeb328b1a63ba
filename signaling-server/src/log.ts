// The port to the log, and its adapter to pino. Log lines are JSON on stderr: stdout carries the address line alone.
// What is logged: at info one line for each change of a session's state, at warn a connection that was cut, at error
// our own bugs. Nothing at info may fire every second by itself, and no line carries what members say to each other.

import { destination, pino } from 'pino'

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type Line = (fields: Readonly<Record<string, unknown>>, text: string) => void

export type Log = { readonly error: Line; readonly warn: Line; readonly info: Line; readonly debug: Line }

const STDERR = 2

export function createLog(level: LogLevel): Log {
  const logger = pino({ level, base: null }, destination({ dest: STDERR, sync: true }))
  return {
    error: (fields, text) => logger.error(fields, text),
    warn: (fields, text) => logger.warn(fields, text),
    info: (fields, text) => logger.info(fields, text),
    debug: (fields, text) => logger.debug(fields, text),
  }
}
