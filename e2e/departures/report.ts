// What the run leaves behind: reports/departures.json for machines, and shared/DEPARTURES.md for people when it is told to.
// A row says when it was played and of which commit, since a report may be made of several runs.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EVENTS } from './events.ts'
import type { Row } from './judge.ts'

export type PlayedRow = Row & { readonly played: string }

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url))
const ROWS = `${REPORTS}departures.json`
const TABLE = fileURLToPath(new URL('../../shared/DEPARTURES.md', import.meta.url))
const PEERS_HEAD = '## A closed tab elsewhere'

export function readRows(): readonly PlayedRow[] {
  return existsSync(ROWS) ? JSON.parse(readFileSync(ROWS, 'utf8')) : []
}

export function writeRows(rows: readonly PlayedRow[]): void {
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(ROWS, `${JSON.stringify(rows, null, 2)}\n`)
}

/** In the order of the events. */
export function sorted(rows: readonly PlayedRow[]): readonly PlayedRow[] {
  return rows.toSorted((one, other) => placeOf(one) - placeOf(other))
}

const placeOf = ({ event }: Row): number => EVENTS.findIndex(({ name }) => name === event)

/** Without `peers`, what an earlier run has said of them stays. */
export function writeTable(
  rows: readonly PlayedRow[],
  peers: { readonly lines: readonly string[]; readonly stamp: string } | null,
): void {
  const before = existsSync(TABLE) ? readFileSync(TABLE, 'utf8') : ''
  const kept = before.includes(PEERS_HEAD) ? before.slice(before.indexOf(PEERS_HEAD)) : ''
  const fresh = peers === null ? kept : `${PEERS_HEAD}\n\nIn the same run (${peers.stamp}):\n\n${listOf(peers.lines)}\n`
  writeFileSync(TABLE, `${textOf(rows)}\n${fresh}`)
}

function textOf(rows: readonly PlayedRow[]): string {
  const good = rows.filter(({ ok }) => ok).length
  return `# Who is told of a departure, and when

Written by \`npm run departures -- --write\`: real Chromium, a root and three leaves; the victim is a leaf or the root. Each row is one event, one
kind of victim, one kind of member that is told. Milliseconds from the event to the word; “closes” is how many FD_CLOSE one connection had.
\`resumable\`: the session waits for its host’s next page; elsewhere it does not. The bounds are those of the evidence table
([\`SPEC.md\`](SPEC.md)) and of the issue; a row belongs to the time and commit beside it. On a machine that is busy the milliseconds are more.

**${good} of ${rows.length} rows as promised.**

| event | victim | told | what | code | cause | closes | p50 | p95 | bound | trials | | played |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.map(lineOf).join('\n')}
`
}

function lineOf(row: PlayedRow): string {
  const { event, victim, told, what, code, cause, closesPerConnection, p50, p95, bound, trials, ok, played } = row
  const seen = row.suspicions > 0 ? `${what} (${row.suspicions} suspected)` : what
  const cells = [event, victim, told, seen, code, cause, closesPerConnection, p50 ?? '', p95 ?? '', bound, trials]
  return `| ${[...cells, ok ? 'pass' : '**FAIL**', played].join(' | ')} |`
}

const listOf = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
