// One micro-batch of a query: what was delivered goes in, rows and dead letters go out to their sinks, and what came of
// it comes back. All or nothing: if anything throws, the batch was not processed and comes again, whole.

import type { KafkaRow } from '../../event/kafka-row.ts'
import { lookupsOf, readWithLookups } from '../lookup/lookup-reads.ts'
import { isStateful } from '../plan/stages/staged.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { ReadRows } from '../read/read-rows.ts'
import { compileReader } from '../read/row-reader.ts'
import type { RecordClock } from './batch-clock.ts'
import type { Delivery, MicroBatchPorts, MicroBatchResult } from './delivery.ts'
import { SinkSet } from './sink-set.ts'
import { statefulStep } from './stateful-step.ts'
import { statelessStep } from './stateless-step.ts'

/** The micro-batches of one query in one container. */
export interface MicroBatches<Row> {
  run(delivery: Delivery): Promise<MicroBatchResult<Row>>
  /** Closes the sinks. A batch that is run afterwards opens them again. */
  close(): Promise<void>
}

/** Prepares the micro-batches of a query, once for the life of a container. */
export function microBatch<Row>(query: StreamingQuery<Row>, ports: MicroBatchPorts): MicroBatches<Row> {
  const reader = compileReader(query)
  const lookups = lookupsOf(query.plan)
  const sinks = new SinkSet(ports)
  const step = isStateful(query.plan) ? statefulStep(query, ports, sinks) : statelessStep(query, ports, sinks)
  return {
    async run(delivery) {
      const startedMs = ports.now()
      const places = delivery.kind === 'records' ? delivery.records : delivery.rows.map(({ at }) => at)
      const clock = await step.clock(places, startedMs)
      const read = await readRows(delivery, clock, startedMs)
      return step.run({ places, read, clock, startedMs, decodedMs: ports.now() })
    },
    close: () => sinks.close(),
  }

  async function readRows(delivery: Delivery, clock: RecordClock, nowMs: number): Promise<ReadRows> {
    if (delivery.kind === 'rows') {
      return readWithLookups(query.name, lookups, nowMs, () => reader.fromRows(delivery.rows, clock))
    }
    const records = byPartition(delivery.records)
    await reader.prepare(records)
    return readWithLookups(query.name, lookups, nowMs, () => reader.fromRecords(records, clock))
  }
}

/** Spark's order of rows in a batch: by partition, those of one topic together. An event has its partitions in any order. */
const byPartition = (records: readonly KafkaRow[]): readonly KafkaRow[] =>
  records.toSorted((left, right) =>
    left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1,
  )
