// What queries came to, from the rows that they emitted batch by batch: of an aggregation the last row of each group, of any other
// query how often each row came. Pure.
import type { RecordedQuery } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { JsonRow } from '../replay/captured-rows.ts'

export interface OutputTable {
  readonly query: RecordedQuery
  /** The columns that tell its rows apart; null where they are told apart as a whole. */
  readonly keyColumns: readonly string[] | null
  /** By key, or by the text of the row. */
  readonly rows: ReadonlyMap<string, { readonly row: JsonRow; readonly count: number }>
  readonly numLate: number
  readonly numDeadLetters: number
}

export interface OutputTables {
  /** The queries of functions whose rows follow; one that is known already stays as it is. */
  know(queries: readonly RecordedQuery[]): void
  /** One invocation. @param rows undefined where they are not known */
  add(functionKey: string, rows: readonly JsonRow[] | undefined, returned: unknown): void
  /** By function. */
  tables(): ReadonlyMap<string, OutputTable>
  /** Functions of which there were invocations without rows. */
  unknown(): readonly string[]
}

interface Growing {
  readonly query: RecordedQuery
  readonly keyColumns: readonly string[] | null
  readonly rows: Map<string, { readonly row: JsonRow; readonly count: number }>
  numLate: number
  numDeadLetters: number
}

/** @example const tables = outputTables(); tables.know(header.queries ?? []); tables.add('bars', line.rows, line.returned) */
export function outputTables(): OutputTables {
  const found = new Map<string, Growing>()
  const unknown = new Set<string>()
  return {
    know(queries) {
      for (const query of queries) {
        if (found.has(query.function)) continue
        const { groupedBy, columns } = query
        const keyColumns = groupedBy?.every((column) => columns.includes(column)) ? groupedBy : null
        found.set(query.function, { query, keyColumns, rows: new Map(), numLate: 0, numDeadLetters: 0 })
      }
    },
    add(functionKey, rows, returned) {
      const table = found.get(functionKey)
      if (table === undefined || rows === undefined) return void unknown.add(functionKey)
      table.numLate += lateRows(returned)
      table.numDeadLetters += numberIn(returned, 'numDeadLetters')
      // Each batch has the whole table.
      if (table.query.outputMode === 'complete') table.rows.clear()
      for (const row of rows) {
        const key = keyOf(row, table.keyColumns)
        const before = table.keyColumns === null ? (table.rows.get(key)?.count ?? 0) : 0
        table.rows.set(key, { row, count: before + 1 })
      }
    },
    tables: () => found,
    unknown: () => [...unknown],
  }
}

const keyOf = (row: JsonRow, columns: readonly string[] | null): string =>
  JSON.stringify(columns === null ? row : columns.map((column) => row[column] ?? null))

function lateRows(returned: unknown): number {
  const operators: unknown = Reflect.get(Object(returned), 'stateOperators')
  return Array.isArray(operators) ? operators.reduce((sum, it) => sum + numberIn(it, 'numLateRows'), 0) : 0
}

function numberIn(value: unknown, name: string): number {
  const found: unknown = Reflect.get(Object(value), name)
  return typeof found === 'number' ? found : 0
}

/** The rows in the order of their keys, each as often as it came: the same rows in the same order. */
export const sortedRows = ({ rows }: OutputTable): readonly JsonRow[] =>
  [...rows]
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .flatMap(([, { row, count }]) => Array.from({ length: count }, () => row))
