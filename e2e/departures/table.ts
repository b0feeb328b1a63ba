// One line of text for each row, in columns that fit a terminal.
// Knows rows and nothing of how they came about.

import type { Row } from './judge.ts'

const WIDTHS = [36, 14, 5, 9, 16, 12, 7, 7, 7, 13] as const
const HEAD = ['event', 'victim', 'told', 'what', 'code', 'cause', 'closes', 'p50', 'p95', 'bound', '']

export const headOf = columns(HEAD)

export function lineOf(row: Row): string {
  const { event, victim, told, what, code, cause, closesPerConnection, p50, p95, bound, ok } = row
  const verdict = `${ok ? 'pass' : 'FAIL'}${row.suspicions > 0 ? ` (${row.suspicions} suspected)` : ''}`
  return columns([event, victim, told, what, code, cause, closesPerConnection, ms(p50), ms(p95), bound, verdict])
}

const ms = (value: number | null): string => (value === null ? '' : String(value))

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd()
}
