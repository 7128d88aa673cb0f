// Rows as JSON has them, so that they can be kept in a file and compared: bytes as base64, integers beyond doubles and decimals as
// their digits, what JSON has no number for as text. Pure.

export type JsonRow = Readonly<Record<string, unknown>>

/** @example jsonRow({ total: 10n, price: Number.NaN }) // { total: '10', price: 'NaN' } */
export const jsonRow = (row: unknown): JsonRow => JSON.parse(JSON.stringify(plain(row)))

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return plain(Object.fromEntries(value))
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

/** The rows that a query came to in the end: of an aggregation the last of each group, of any other query all of them. */
export interface FinalRows {
  add(rows: readonly unknown[]): void
  /** In the order of their keys, which does not depend on how the records were batched. */
  sorted(): readonly JsonRow[]
}

/**
 * @param keyColumns tell the rows apart; null where each row stands for itself
 * @param isWhole each batch has the whole table, as in complete mode
 */
export function finalRows(keyColumns: readonly string[] | null, isWhole: boolean): FinalRows {
  const found = new Map<string, JsonRow[]>()
  return {
    add(rows) {
      if (isWhole) found.clear()
      for (const row of rows.map(jsonRow)) {
        const key = keyOf(row, keyColumns)
        found.set(key, keyColumns === null ? [...(found.get(key) ?? []), row] : [row])
      }
    },
    sorted: () => [...found].sort(([left], [right]) => (left < right ? -1 : 1)).flatMap(([, rows]) => rows),
  }
}

/** What tells a row from the others, as text. */
export const keyOf = (row: JsonRow, columns: readonly string[] | null): string =>
  JSON.stringify(columns === null ? row : columns.map((column) => row[column] ?? null))
