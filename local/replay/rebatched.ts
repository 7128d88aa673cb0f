// A recording in other batches: its records, in the order in which they were delivered, cut anew by a size and a window. What a
// query comes to in the end must not depend on it. Each function's topic is cut for itself.
import { encodeKafkaEvent, type KafkaRow, parseKafkaEvent } from 'microbatch'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type BatchCutter, batchCutter, type CutBatch } from './batch-cutter.ts'
import { placesOf, type ReplayedBatch } from './replayed-batch.ts'

export interface BatchSize {
  readonly maxRecords: number
  readonly windowMs: number
}

/** @throws LocalError COMMAND_INVALID saying what it takes @example parseRebatch('100,3') // { maxRecords: 100, windowMs: 3000 } */
export function parseRebatch(text: string): BatchSize {
  const [, size, window] = /^(\d{1,5}),(\d{1,3}(?:\.\d+)?)$/.exec(text) ?? []
  const maxRecords = Number(size)
  const windowMs = Number(window) * 1000
  if (maxRecords >= 1 && maxRecords <= 10_000 && windowMs <= 300_000) return { maxRecords, windowMs }
  const takes = '--rebatch takes SIZE,WINDOW: 1 to 10000 records and 0 to 300 seconds, such as 100,3'
  throw new LocalError('COMMAND_INVALID', `${takes}, not ${text}.`)
}

/**
 * @throws LocalError RECORDING_INVALID for an event that is no Kafka event
 * @example for await (const batch of rebatched(source.batches(), { maxRecords: 10, windowMs: 1000 })) …
 */
export async function* rebatched(
  batches: AsyncIterable<ReplayedBatch>,
  size: BatchSize,
): AsyncGenerator<ReplayedBatch> {
  const streams = new Map<string, Stream>()
  for await (const batch of batches) {
    const { origin, rows } = parsed(batch)
    for (const [topic, ofTopic] of Map.groupBy(rows, (row) => row.topic)) {
      const key = `${batch.functionKey} ${topic}`
      const stream = streams.get(key) ?? streamOf(batch.functionKey, batchCutter({ ...size, topic, origin }))
      streams.set(key, stream)
      for (const [row, arrivedAtMs] of stream.arrivals(ofTopic, batch.atMs)) {
        for (const cut of stream.cutter.add(row, arrivedAtMs)) yield batchOf(stream, origin, cut)
      }
      stream.origin = origin
    }
  }
  for (const stream of streams.values()) {
    for (const cut of stream.cutter.end()) if (stream.origin !== undefined) yield batchOf(stream, stream.origin, cut)
  }
}

type Origin = ReturnType<typeof parseKafkaEvent>['origin']

interface Stream {
  readonly functionKey: string
  readonly cutter: BatchCutter
  origin?: Origin
  readonly arrivals: (rows: readonly KafkaRow[], atMs: number) => Iterable<readonly [KafkaRow, number]>
}

function parsed({ event, where }: ReplayedBatch) {
  try {
    return parseKafkaEvent(event)
  } catch (error) {
    throw new LocalError('RECORDING_INVALID', `${where}: ${messageOf(error)}`, { cause: error })
  }
}

function streamOf(functionKey: string, cutter: BatchCutter): Stream {
  let clockMs = Number.NEGATIVE_INFINITY
  const lastOffsets = new Map<number, number>()
  /** A batch that was delivered twice is in the recording twice. */
  const isNew = ({ partition, offset }: KafkaRow): boolean => {
    if (offset <= (lastOffsets.get(partition) ?? -1)) return false
    lastOffsets.set(partition, offset)
    return true
  }
  return {
    functionKey,
    cutter,
    /** By time, over the partitions; in each of them the order stays. A record without a time came with its batch. */
    *arrivals(rows, atMs) {
      const clocks = new Map<number, number>()
      const timed = rows.filter(isNew).map((row) => {
        const own = row.timestampType === -1 ? atMs : row.timestamp
        const timeMs = Math.max(own, clocks.get(row.partition) ?? Number.NEGATIVE_INFINITY)
        clocks.set(row.partition, timeMs)
        return { row, timeMs }
      })
      timed.sort((left, right) => left.timeMs - right.timeMs)
      for (const { row, timeMs } of timed) {
        clockMs = Math.max(clockMs, timeMs)
        yield [row, clockMs]
      }
    },
  }
}

function batchOf({ functionKey }: Stream, origin: Origin, { rows, reason, closedAtMs }: CutBatch): ReplayedBatch {
  const event = encodeKafkaEvent(origin, rows)
  return { functionKey, atMs: closedAtMs, reason, where: placesOf(event), event }
}
