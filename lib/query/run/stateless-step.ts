// A micro-batch of a query without state: every row that is left goes out, once per delivery, in append as in
// update mode (Spark treats them alike there). Nothing is kept but the number of the batch, in this container.

import { rowId } from '../../event/located-row.ts'
import { batchKey, rangesOf } from '../../state/items/known-batch.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { batchClock } from './batch-clock.ts'
import type { DecodedDelivery, MicroBatchPorts, MicroBatchResult, Step } from './delivery.ts'
import { outputColumns } from './open-columns.ts'
import { recordsOf } from './partitions.ts'
import { progressOf } from './progress-of.ts'
import { seenWatermark } from './seen-watermark.ts'
import type { SinkSet } from './sink-set.ts'

export function statelessStep<Row>(query: StreamingQuery<Row>, ports: MicroBatchPorts, sinks: SinkSet): Step<Row> {
  const { now } = ports
  const watermark = seenWatermark(query)
  let number = 0
  return { clock: batchClock(query.plan, null), run }

  async function run(delivery: DecodedDelivery): Promise<MicroBatchResult<Row>> {
    const { read } = delivery
    const batch = {
      query: query.name,
      key: batchKey(rangesOf(recordsOf(delivery.places))),
      number,
      outputMode: query.outputMode,
      columns: outputColumns(query.plan, read.rows),
      // The builder knows the types of a plan's rows: Row is what they are after the last operator.
      rows: read.rows.map(({ row, at }) => ({ row: row as Row, id: rowId(at) })),
    }
    if (read.deadLetters.length > 0) await ports.deadLetters.send(read.deadLetters)
    const tooLarge = await sinks.write(query.sinks, batch)
    const deadLetters = [...read.deadLetters, ...tooLarge]
    // Only a batch that was written uses up its number.
    number += 1
    const ranWithMs = watermark.currentMs
    watermark.move(read.eventTimes.maxByPartition)
    return {
      batch,
      late: [],
      deadLetters,
      watermarkMs: watermark.currentMs,
      warnings: [],
      progress: progressOf(query, delivery, {
        batch,
        numDeadLetters: deadLetters.length,
        endedMs: now(),
        watermarkMs: ranWithMs,
        state: null,
      }),
    }
  }
}
