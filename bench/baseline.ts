// Figures that may be compared between runs: ratios and counts, never records per second. `--save` writes them to baseline.json,
// `--compare` sets a run beside it. A difference within the noise of a shared machine is none.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

export interface Figure {
  readonly name: string
  readonly value: number
  readonly better: 'higher' | 'lower'
}

const file = join(import.meta.dirname, 'baseline.json')
const schema = z.record(z.string(), z.number())

/** A smaller difference is noise. */
const tolerance = 0.15

/** Writes the figures over those of the same names; others stay. */
export function saveBaseline(figures: readonly Figure[]): void {
  const all = { ...baseline(), ...Object.fromEntries(figures.map(({ name, value }) => [name, rounded(value)])) }
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([left], [right]) => (left < right ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`)
  console.log(`\n${figures.length} figures saved to bench/baseline.json.`)
}

export function printComparison(figures: readonly Figure[]): void {
  const known = baseline()
  console.log(`\nBeside bench/baseline.json; a word where the difference is more than ${tolerance * 100} %`)
  for (const { name, value, better } of figures) {
    const before = known[name]
    const change = before === undefined ? Number.NaN : value / before - 1
    const isBetter = better === 'higher' ? change > 0 : change < 0
    const word = before === undefined ? 'new' : Math.abs(change) <= tolerance ? '' : isBetter ? 'better' : 'worse'
    const percent = Number.isNaN(change) ? '' : `${change >= 0 ? '+' : ''}${(change * 100).toFixed(0)} %`
    const cells = [String(before ?? '').padStart(9), String(rounded(value)).padStart(9), percent.padStart(8)]
    console.log(`  ${name.padEnd(64)}${cells.join('')}   ${word}`.trimEnd())
  }
}

function baseline(): Readonly<Record<string, number>> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}

const rounded = (value: number): number => Number(value.toPrecision(3))
