// How the rows of a replay differ from those that were expected, in lines for a person. Pure.

import { type JsonRow, keyOf } from './json-rows.ts'

/** How many differences a message shows. */
const numShown = 10

/**
 * @returns a summary and the rows that differ; none where they are the same
 * @example rowDifferences(rows, golden, ['window', 'symbol'])[0] // '1 changed (vwap), 0 missing, 0 more'
 */
export function rowDifferences(
  rows: readonly JsonRow[],
  golden: readonly JsonRow[],
  keyColumns: readonly string[] | null,
): readonly string[] {
  const [given, wanted] = [byKey(rows, keyColumns), byKey(golden, keyColumns)]
  const lines: string[] = []
  const changed = new Set<string>()
  const counts = { changed: 0, missing: 0, more: 0 }
  for (const key of [...new Set([...wanted.keys(), ...given.keys()])].sort()) {
    const [got = [], expected = []] = [given.get(key), wanted.get(key)]
    for (const row of expected.slice(got.length)) {
      counts.missing += 1
      lines.push(`missing: ${JSON.stringify(row)}`)
    }
    for (const row of got.slice(expected.length)) {
      counts.more += 1
      lines.push(`more: ${JSON.stringify(row)}`)
    }
    for (const [index, row] of expected.slice(0, got.length).entries()) {
      const other = got[index] ?? {}
      const columns = [...new Set([...Object.keys(row), ...Object.keys(other)])].filter(
        (name) => JSON.stringify(row[name]) !== JSON.stringify(other[name]),
      )
      if (columns.length === 0) continue
      counts.changed += 1
      for (const name of columns) changed.add(name)
      const values = columns.map((name) => `${name} is ${text(other[name])}, expected ${text(row[name])}`)
      lines.push(`changed: ${key}: ${values.join('; ')}`)
    }
  }
  if (lines.length === 0) return []
  const names = changed.size === 0 ? '' : ` (${[...changed].join(', ')})`
  const rest = lines.length > numShown ? [`and ${lines.length - numShown} more differences`] : []
  const summary = `${counts.changed} changed${names}, ${counts.missing} missing, ${counts.more} more`
  return [summary, ...lines.slice(0, numShown), ...rest]
}

function byKey(
  rows: readonly JsonRow[],
  keyColumns: readonly string[] | null,
): ReadonlyMap<string, readonly JsonRow[]> {
  return Map.groupBy(rows, (row) => keyOf(row, keyColumns))
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'absent'
