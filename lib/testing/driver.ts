// A driver for tests of queries, in the manner of Kafka Streams' TopologyTestDriver: feed rows or records batch by batch,
// read what comes out. The query runs as it does on Lambda, over memory state; there is no Kafka and no waiting.

import { type KafkaRow, topicPartition } from '../event/kafka-row.ts'
import type { LocatedRow } from '../event/located-row.ts'
import type { PartitionCounts } from '../query/aggregation/partition-counts.ts'
import type { PlanRow } from '../query/plan/plan.ts'
import { sourceNamed, topicsOf } from '../query/plan/sources.ts'
import type { StreamingQuery } from '../query/plan/streaming-query.ts'
import type { Delivery, MicroBatchResult } from '../query/run/delivery.ts'
import { microBatch } from '../query/run/micro-batch.ts'
import type { StreamingQueryProgress } from '../query/run/progress.ts'
import { type DeadLetter, memoryDeadLetters } from '../sink/dead-letter.ts'
import type { EmittedRow } from '../sink/sink.ts'
import { stateContainer } from '../state/protocol/container.ts'
import type { StateStore } from '../state/store.ts'
import { memoryState } from '../state/stores/memory.ts'

export interface TestDriverOptions {
  /** How many partitions the topic has, or each topic by its name, for the watermark policy `min`. @default 1 */
  readonly partitions?: PartitionCounts
  /** Shards of the state. @default 1 */
  readonly shards?: number
  /** @default memory state of its own */
  readonly state?: StateStore
  /** The wall clock, epoch milliseconds. @default one that stays at 0 */
  readonly now?: () => number
}

/** What one batch came to. */
export interface TestBatch<Row> {
  /** Emitted in this batch, in their order. */
  readonly rows: readonly Row[]
  /** The same with their ids and versions. */
  readonly emitted: readonly EmittedRow<Row>[]
  /** Rows that came after their window was closed, as they were grouped. */
  readonly late: readonly PlanRow[]
  readonly deadLetters: readonly DeadLetter[]
  readonly progress: StreamingQueryProgress
  /** What a handler would log as warnings. */
  readonly warnings: readonly string[]
}

/** Records as tests write them: what is left out is null, offsets follow by themselves, and the topic is the query's first. */
export type TestRecord = Partial<Omit<KafkaRow, 'key' | 'value'>> & {
  readonly key?: Buffer | string | null
  readonly value?: Buffer | string | null
}

export interface TestDriver<Row, Source> {
  /** One batch of rows as they are after decoding, with the next offsets of a partition (one for all, or by the row). */
  addRows(
    rows: readonly Source[],
    place?: {
      readonly partition?: number | ((row: Source) => number)
      /** Where the rows of a union or a join are from: the topic, or the name of the stream. @default the first */
      readonly source?: string | ((row: Source) => string)
    },
  ): Promise<TestBatch<Row>>
  /** One batch of records, through the decoding; several partitions if they say so. */
  addRecords(records: readonly TestRecord[]): Promise<TestBatch<Row>>
  /** The last batch once more, at the same offsets, as after a batch that failed. */
  redeliver(): Promise<TestBatch<Row>>
  /** A new container over the same state; the sinks of the old one are closed. */
  restart(): Promise<void>
  /** Closes the sinks, as far as the query's are ones to close. */
  close(): Promise<void>
  /** Epoch milliseconds; 0 before any. */
  readonly watermarkMs: number
  /** How many groups are open after the last batch. */
  readonly stateRows: number
}

/**
 * Drives a query batch by batch. Its own sinks are written too.
 *
 * @throws MicrobatchError whatever the batch would fail with on Lambda
 * @example
 * const driver = testDriver(barsQuery)
 * const { rows } = await driver.addRows([{ symbol: 'AAPL', price: 150.5, volume: 10, timestamp: 15_000 }])
 */
export function testDriver<Row, Source>(
  query: StreamingQuery<Row, Source>,
  { partitions = 1, shards = 1, state = memoryState(), now = () => 0 }: TestDriverOptions = {},
): TestDriver<Row, Source> {
  const [first = ''] = topicsOf(query.plan)
  const start = () =>
    microBatch(query, {
      deadLetters: memoryDeadLetters(),
      now,
      remainingMs: () => Number.POSITIVE_INFINITY,
      container: stateContainer(state),
      partitions,
      shards,
    })
  const nextOffsets = new Map<string, number>()
  let batches = start()
  let last: Delivery = { kind: 'rows', rows: [] }
  let watermarkMs = 0
  let stateRows = 0

  const takeOffset = (at: { readonly topic: string; readonly partition: number }, given?: number): number => {
    const tp = topicPartition(at)
    const offset = given ?? nextOffsets.get(tp) ?? 0
    nextOffsets.set(tp, offset + 1)
    return offset
  }
  const deliver = async (delivery: Delivery): Promise<TestBatch<Row>> => {
    last = delivery
    const result = await batches.run(delivery)
    watermarkMs = Math.max(watermarkMs, result.watermarkMs ?? 0)
    stateRows = result.progress.stateOperators[0]?.numRowsTotal ?? 0
    return testBatch(result)
  }

  return {
    addRows(rows, { partition = 0, source } = {}) {
      const located = rows.map((row): LocatedRow<PlanRow> => {
        const name = typeof source === 'function' ? source(row) : source
        const topic = name === undefined ? first : sourceNamed(query.plan, name)
        const number = typeof partition === 'number' ? partition : partition(row)
        const at = {
          topic,
          partition: number,
          offset: takeOffset({ topic, partition: number }),
          timestamp: 0,
          timestampType: -1,
        } as const
        return { row: row as PlanRow, at }
      })
      return deliver({ kind: 'rows', rows: located })
    },
    addRecords(records) {
      const rows = records.map(({ key = null, value = null, partition = 0, offset, ...record }) => ({
        topic: first,
        // A record that says no time has none, so that the future guard has nothing to compare with.
        timestamp: record.timestamp ?? 0,
        timestampType: record.timestamp === undefined ? (-1 as const) : (0 as const),
        headers: [],
        ...record,
        key: bytes(key),
        value: bytes(value),
        partition,
        offset: takeOffset({ topic: record.topic ?? first, partition }, offset),
      }))
      return deliver({ kind: 'records', records: rows })
    },
    redeliver: () => deliver(last),
    async restart() {
      await batches.close()
      batches = start()
    },
    close: () => batches.close(),
    get watermarkMs() {
      return watermarkMs
    },
    get stateRows() {
      return stateRows
    },
  }
}

const bytes = (value: Buffer | string | null): Buffer | null => (typeof value === 'string' ? Buffer.from(value) : value)

const testBatch = <Row>({ batch, late, deadLetters, progress, warnings }: MicroBatchResult<Row>): TestBatch<Row> => ({
  rows: batch.rows.map(({ row }) => row),
  emitted: batch.rows,
  late: late.map(({ row }) => row),
  deadLetters,
  progress,
  warnings,
})
