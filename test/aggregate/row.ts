// Rows to aggregate, with a column of every kind, and the shortest way from rows to results.

import { compileAggregates } from '../../lib/aggregate/aggregation.ts'
import type { Aggregates } from '../../lib/aggregate/functions/aggregate.ts'
import { binary, boolean, double, type Infer, int, long, string, struct, timestamp } from '../../lib/decode/schema.ts'
import type { LocatedRow } from '../../lib/event/located-row.ts'

export const Row = struct({
  text: string().nullable(),
  price: double().nullable(),
  volume: long().nullable(),
  lots: int(),
  at: timestamp().nullable(),
  flag: boolean().nullable(),
  bytes: binary().nullable(),
})
export type Row = Infer<typeof Row>

export const aRow = (values: Partial<Row> = {}): Row => ({
  text: 'AAPL',
  price: 100,
  volume: 10,
  lots: 1,
  at: 1_000,
  flag: true,
  bytes: Buffer.from([1]),
  ...values,
})

/** A row where it stands in the topic `t`. */
export const located = <Value>(row: Value, partition: number, offset: number): LocatedRow<Value> => ({
  row,
  at: { topic: 't', partition, offset, timestamp: 0, timestampType: -1 },
})

/** Rows of one partition, in the order of their offsets. */
export const inPartition = (partition: number, rows: readonly Partial<Row>[]): LocatedRow<Row>[] =>
  rows.map((values, offset) => located(aRow(values), partition, offset))

export const resultOf = (aggregates: Aggregates<Row>, rows: readonly LocatedRow<Row>[]) => {
  const aggregation = compileAggregates<Row>(aggregates, Row.columns)
  return aggregation.results(aggregation.fold(aggregation.init(), rows))
}
export const resultOfRows = (aggregates: Aggregates<Row>, rows: readonly Partial<Row>[]) =>
  resultOf(aggregates, inPartition(0, rows))
