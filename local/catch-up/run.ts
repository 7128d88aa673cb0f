// The folding itself: ranges of the topic, in the order of time, in batches as large as an event may be, into the state of the new version.
// That state says what is done, so that another run goes on behind it.
import { type KafkaRow, type PartitionCounts, parseKafkaEvent, type StateStore } from 'microbatch'
import { catchUp, type Progress } from 'microbatch/state'
import type { OffsetRange } from '../kafka/offset-range.ts'
import type { TopicReader } from '../kafka/topic-reader.ts'
import type { ProgressLine } from '../replay/progress-line.ts'
import { topicBatches } from '../replay/topic-batches.ts'
import type { Version } from './versions.ts'

export interface FoldOptions {
  readonly version: Version
  readonly reader: Pick<TopicReader, 'read'>
  readonly brokers: readonly string[]
  readonly ranges: readonly OffsetRange[]
  readonly state: StateStore
  readonly partitions: PartitionCounts
  readonly shards: number
  /** Epoch milliseconds, or null for no bound: no window is closed that ends later. */
  readonly closeUpToMs: number | null
  readonly progress: ProgressLine
  /** Ends it behind the batch in flight. */
  readonly signal: AbortSignal
}

export interface Folded {
  readonly numBatches: number
  readonly numRecords: number
  readonly numBad: number
  /** Whether it came to the end of the ranges. */
  readonly isWhole: boolean
}

/** Large batches take few writes; a day is no limit. */
const cut = { maxRecords: 10_000, windowMs: 86_400_000 }

/** @example const { isWhole } = await foldRanges({ version, reader, ranges, state, … }) */
export async function foldRanges(options: FoldOptions): Promise<Folded> {
  const { version, reader, brokers, ranges, state, partitions, shards, closeUpToMs, progress, signal } = options
  const { add, settle } = catchUp(version.query, { state, partitions, shards, closeUpToMs })
  const source = topicBatches({ reader, ranges, settings: version.mapping, cut, brokers })
  let [numBatches, numRecords, numBad] = [0, 0, 0]
  const done = (isWhole: boolean): Folded => ({ numBatches, numRecords, numBad, isWhole })
  try {
    for await (const { event } of source.batches()) {
      if (signal.aborted) return done(false)
      const rows: readonly KafkaRow[] = parseKafkaEvent(event).rows
      const { numDeadLetters } = await add(rows)
      numBatches += 1
      numRecords += rows.length
      numBad += numDeadLetters
      progress.update(numBatches, numRecords, source.fraction())
    }
    await settle()
    return done(true)
  } finally {
    progress.clear()
  }
}

/**
 * Up to where the new version may close: what the old one has closed is out, and what ends later is the new one's to emit.
 * @param old its progress; undefined where it keeps nothing
 */
export function closeUpTo(
  old: Pick<Progress, 'closedMs' | 'watermarkMs'> | undefined,
  outputMode: string,
): number | null {
  if (old === undefined) return null
  return (outputMode === 'append' ? old.closedMs : old.watermarkMs) ?? Number.NEGATIVE_INFINITY
}
