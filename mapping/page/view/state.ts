// What the page shows, as the JSON that goes over its feed: of each mapping how it stands now, its last batches, its last minutes; of
// each query its progress and its last table; the records that were set aside. Plain data, times in epoch milliseconds.

import type { Span } from '../../events/record-list.ts'
import type { MetricName } from '../../report/metrics.ts'
import type { QueryProgress } from './query-progress.ts'

export type StatusKind = 'starting' | 'running' | 'idle' | 'failing' | 'paused' | 'waiting' | 'stopped'

/** How a mapping stands, with the sentence that says why. */
export interface Status {
  readonly kind: StatusKind
  readonly text: string
}

/** A mapping but for its batches and its history. */
export interface MappingSummary {
  readonly id: string
  readonly functionKey: string
  readonly topic: string
  readonly consumerGroupId: string
  readonly batchSize: number
  readonly windowMs: number
  readonly filters: number
  readonly status: Status
  /** Records a second, over the last ten seconds. */
  readonly inputRate: number
  readonly processedRate: number
  readonly totals: Readonly<Record<MetricName, number>>
  readonly partitions: readonly PartitionState[]
  /** The queries of its function that read its topic. */
  readonly queries: readonly QueryState[]
  readonly faults: readonly { readonly id: number; readonly text: string }[]
}

export interface PartitionState {
  readonly partition: number
  /** The next offset to be handled, as committed; null before the first commit. */
  readonly committed: number | null
  /** Records between the commit and the end of the log. */
  readonly lag: number
}

/** A query as its last progress has it, with sums since the page began. */
export interface QueryState {
  readonly name: string
  readonly batchId: number
  readonly at: number
  /** Null before there is one. */
  readonly watermarkMs: number | null
  /** The latest event time that was seen. */
  readonly latestMs: number | null
  readonly heldBackBy: { readonly partition: string; readonly eventTimeMs: number | null } | null
  readonly state: { readonly rows: number; readonly bytes: number; readonly segments: number } | null
  readonly processedRowsPerSecond: number
  readonly inputRows: number
  readonly outputRows: number
  readonly lateRows: number
  readonly deadLetters: number
  readonly droppedMalformed: number
  readonly withoutEventTime: number
}

export type BatchOutcome = 'waiting' | 'running' | 'ok' | 'retrying' | 'gone'

export interface BatchState {
  /** Counts up over all mappings. */
  readonly id: number
  readonly mappingId: string
  readonly closedAtMs: number
  readonly reason: 'size' | 'window' | 'payload'
  /** From the arrival of its first record to its closing. */
  readonly waitedMs: number
  readonly records: number
  readonly bytes: number
  readonly filteredOut: number
  /** Those of its first partitions. */
  readonly spans: readonly Span[]
  readonly partitions: number
  readonly outcome: BatchOutcome
  readonly attempts: readonly AttemptState[]
  /** The records that are tried again, and when. */
  readonly retries: readonly { readonly records: number; readonly dueAtMs: number }[]
  /** Records that were given up. */
  readonly discarded: number
  /** What its queries told; null where the function tells no progress. */
  readonly progress: BatchProgress | null
  /** Whether its payload can be seen; else why not, in a sentence. */
  readonly payload: true | string
}

export interface AttemptState {
  readonly attempt: number
  readonly startedAtMs: number
  /** Null while it runs. */
  readonly durationMs: number | null
  /** `ok`, or the kind of the failure. */
  readonly outcome: string | null
  readonly message: string
  readonly records: number
}

/** The stages of the successful attempt as the function measured them, summed over its queries. */
export type BatchProgress = Pick<
  QueryProgress,
  'decodeMs' | 'addBatchMs' | 'triggerMs' | 'outputRows' | 'lateRows' | 'deadLetters'
>

/** One second of a mapping. */
export interface HistoryPoint {
  /** Epoch seconds. */
  readonly t: number
  readonly polled: number
  readonly handled: number
  readonly failed: number
  readonly lag: number
  /** From the watermark to the latest event time; null without a watermark. */
  readonly gapMs: number | null
}

/** Records that a query or the mapping set aside. */
export interface LetterState {
  readonly id: number
  readonly mappingId: string
  readonly at: number
  /** A dead letter is a query's; what was discarded, the mapping's. */
  readonly kind: 'dead letter' | 'discarded'
  readonly query: string | null
  /** `NOT_JSON`, `RetryAttemptsExhausted` … */
  readonly reason: string
  readonly detail: string
  /** `stock-ticks-0 offset 15`, or the spans. */
  readonly place: string
  readonly records: number
  /** The record's bytes in base64, as far as they were kept. */
  readonly record: LetterRecord | null
}

export interface LetterRecord {
  readonly key: string | null
  readonly value: string | null
  /** How many bytes of key or value were left out. */
  readonly cutBytes: number
  readonly timestamp: number | null
}

export interface TableState {
  readonly query: string
  readonly functionKey: string
  readonly batch: number
  readonly at: number
  readonly text: string
  /** Rows that are not shown here; all of them were printed. */
  readonly cutLines: number
}

/** What the page's feed sends when it begins. */
export interface PageState {
  readonly service: string
  readonly nowMs: number
  /** When this run of the mappings began. */
  readonly startedAtMs: number
  readonly mappings: readonly MappingSummary[]
  readonly batches: readonly BatchState[]
  readonly history: Readonly<Record<string, readonly HistoryPoint[]>>
  readonly letters: readonly LetterState[]
  readonly tables: readonly TableState[]
}

/** What it sends afterwards: what changed. */
export interface PageChange {
  readonly nowMs: number
  readonly mappings: readonly MappingSummary[]
  readonly batches: readonly BatchState[]
  readonly points: Readonly<Record<string, readonly HistoryPoint[]>>
  readonly letters: readonly LetterState[]
  readonly tables: readonly TableState[]
}
