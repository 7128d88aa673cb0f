// A batch while it is under way, and what is told of it: data, and the moves between its states.

import type { Span } from '../../events/record-list.ts'
import type { QueryProgress } from './query-progress.ts'
import type { AttemptState, BatchProgress, BatchState } from './state.ts'

export type Writable<T> = { -readonly [K in keyof T]: T[K] }

export interface Entry extends Writable<Omit<BatchState, 'attempts' | 'partitions'>> {
  attempts: Writable<AttemptState>[]
  /** Records of which nothing is settled. */
  left: number
  readonly told: Set<string>
}

/** So many partitions of a batch are named. */
const maxSpans = 50

export function end(
  attempt: Writable<AttemptState> | undefined,
  durationMs: number,
  outcome: string,
  message: string,
): void {
  if (attempt === undefined) return
  attempt.durationMs = durationMs
  attempt.outcome = outcome
  attempt.message = message.slice(0, 2_000)
}

export const overlaps = (spans: readonly Span[], others: readonly Span[]): boolean =>
  others.some((other) =>
    spans.some(
      ({ partition, first, last }) => partition === other.partition && other.first <= last && first <= other.last,
    ),
  )

/** The batch that a progress is about, the latest first: the one with the first of its offsets. */
export function* entriesOf(entries: Iterable<Entry>, { from }: QueryProgress): Generator<Entry> {
  const [first] = from
  if (first === undefined) return
  for (const entry of [...entries].toReversed())
    if (
      entry.spans.some(
        ({ partition, first: offset, last }) =>
          partition === first.partition && offset <= first.offset && first.offset <= last,
      )
    )
      yield entry
}

export const added = (before: BatchProgress | null, given: QueryProgress): BatchProgress => ({
  decodeMs: (before?.decodeMs ?? 0) + given.decodeMs,
  addBatchMs: (before?.addBatchMs ?? 0) + given.addBatchMs,
  triggerMs: (before?.triggerMs ?? 0) + given.triggerMs,
  outputRows: (before?.outputRows ?? 0) + given.outputRows,
  lateRows: (before?.lateRows ?? 0) + given.lateRows,
  deadLetters: (before?.deadLetters ?? 0) + given.deadLetters,
})

export const stateOf = ({ left: _, told: __, attempts, spans, ...batch }: Entry): BatchState => ({
  ...batch,
  spans: spans.slice(0, maxSpans),
  partitions: spans.length,
  attempts: attempts.map((attempt) => ({ ...attempt })),
})
