// Batches as sinks are given them.
import type { EmittedRow, OutputColumns, SinkBatch } from '../../lib/index.ts'
import { double, long, string, struct } from '../../lib/index.ts'

export const Bar = struct({ symbol: string(), high: double(), volume: long() })

export interface BarRow {
  readonly symbol: string
  readonly high: number
  readonly volume: number
}

export const aBar = (symbol: string, high = 1, volume = 100): BarRow => ({ symbol, high, volume })

export function aBatch<Row extends object>(
  rows: readonly EmittedRow<Row>[],
  given: Partial<Omit<SinkBatch<Row>, 'rows'>> & { readonly columns?: OutputColumns } = {},
): SinkBatch<Row> {
  return {
    query: 'bars',
    key: 'ticks-0:15-18',
    number: 0,
    outputMode: 'append',
    columns: Bar.columns,
    rows,
    ...given,
  }
}
