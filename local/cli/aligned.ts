// Rows of text in columns, for a person. Pure.
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'

/** @example aligned([['TOPIC', 'PARTITIONS'], ['orders', '3']]) // ['TOPIC   PARTITIONS', 'orders  3'] */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const safe = rows.map((row) => row.map((cell) => printable(cell, 1_000)))
  const widths = safe.reduce<readonly number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  )
  return safe.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
