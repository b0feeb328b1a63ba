// What the runs come to: medians, a table for each n with our ratio to the best of the others, and the file for machines.
// The aims are those that the project has set itself; the table says which are met.

import { mkdirSync, writeFileSync } from 'node:fs'
import type { Library } from './bundle.ts'
import { percentile, type Metric, type Result } from './measure.ts'

export type Row = {
  readonly n: number
  readonly library: Library
  readonly metric: Metric
  readonly unit: 'ms' | 'MiB'
  readonly median: number
  readonly runs: readonly number[]
}

export const METRICS = [
  'join',
  'first4MB',
  'next4MB',
  'bulk16MB',
  'small5000',
  'rttIdleP50',
  'rttIdleP99',
  'rttBulkP50',
  'rttBulkP99',
  'memoryPerTab',
] as const satisfies readonly Metric[]

/** Our median over the best of the others, at most. */
const AIMS: Partial<Record<Metric, number>> = {
  join: 1.2,
  first4MB: 0.8,
  bulk16MB: 1,
  small5000: 1 / 8,
  rttBulkP50: 0.2,
  rttBulkP99: 0.2,
}

export type Run = { readonly n: number; readonly library: Library; readonly result: Result }

export function rowsOf(runs: readonly Run[]): readonly Row[] {
  const rows: Row[] = []
  for (const n of new Set(runs.map((run) => run.n))) {
    for (const library of new Set(runs.map((run) => run.library))) {
      for (const metric of METRICS) {
        const values = runs
          .filter((run) => run.n === n && run.library === library)
          .flatMap(({ result }) => result[metric] ?? [])
          .map((value) => Math.round(value * 100) / 100)
        if (values.length === 0) continue
        const unit = metric === 'memoryPerTab' ? 'MiB' : 'ms'
        rows.push({ n, library, metric, unit, median: percentile(values, 0.5), runs: values })
      }
    }
  }
  return rows
}

export function tableOf(rows: readonly Row[], n: number): string {
  const here = rows.filter((row) => row.n === n)
  const libraries = [...new Set(here.map(({ library }) => library))]
  const lines = [['', ...libraries, 'ratio to the best', 'aim']]
  for (const metric of METRICS) {
    const medians = libraries.map((library) => medianOf(here, library, metric))
    const [ours, ...others] = [
      medianOf(here, 'joinleaf', metric),
      ...libraries.filter((library) => library !== 'joinleaf').map((library) => medianOf(here, library, metric)),
    ]
    const best = Math.min(...others.flatMap((median) => median ?? []))
    const ratio = ours === undefined || !Number.isFinite(best) ? null : ours / best
    const aim = AIMS[metric]
    const verdict = aim === undefined ? '' : `≤ ${aim}${ratio === null ? '' : ratio <= aim ? ' met' : ' missed'}`
    lines.push([metric, ...medians.map(figure), ratio === null ? '' : ratio.toFixed(2), verdict])
  }
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  const text = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [`n = ${n} (ms; memory in MiB; medians)`, ...text].join('\n')
}

export function writeRows(path: string, folder: string, rows: readonly unknown[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, `${JSON.stringify(rows, null, 2)}\n`)
}

function medianOf(rows: readonly Row[], library: Library, metric: Metric): number | undefined {
  return rows.find((row) => row.library === library && row.metric === metric)?.median
}

function figure(median: number | undefined): string {
  return median === undefined ? '–' : median < 100 ? median.toFixed(1) : median.toFixed(0)
}
