// The replay itself: batch after batch to the target, at a pace, until the source or somebody ends it. What was done is counted, so
// that a later run goes on behind it.
import type { Pacer } from './pace.ts'
import type { Position } from './position.ts'
import type { ProgressLine } from './progress-line.ts'
import { placesOf, type ReplayedBatch, recordCount } from './replayed-batch.ts'
import type { ReplayOutcome, ReplayTarget } from './target.ts'

export interface ReplayRun {
  readonly batches: AsyncIterable<ReplayedBatch>
  readonly fraction: () => number
  readonly target: ReplayTarget
  readonly pacer: Pacer
  /** Batches that an earlier run has done. */
  readonly numDone: number
  readonly progress: ProgressLine
  readonly onOutcome: (batch: ReplayedBatch, outcome: ReplayOutcome, durationMs: number) => void
}

export interface ReplayEnd {
  /** This run alone. */
  readonly numBatches: number
  readonly numRecords: number
  /** With the runs before it. */
  readonly position: Position
  /** Undefined where the source came to its end. */
  readonly stopped:
    | undefined
    | { readonly kind: 'asked' }
    | { readonly kind: 'failed'; readonly batch: ReplayedBatch; readonly message: string; readonly thrown: unknown }
}

/** @example const { stopped, numBatches } = await replay({ batches, target, pacer, numDone: 0, … }) */
export async function replay(run: ReplayRun): Promise<ReplayEnd> {
  const { target, pacer, progress, numDone } = run
  let index = 0
  let numRecords = 0
  let where = ''
  const end = (stopped: ReplayEnd['stopped']): ReplayEnd => ({
    numBatches: Math.max(0, index - numDone),
    numRecords,
    position: { numDone: Math.max(index, numDone), where },
    stopped,
  })
  try {
    for await (const batch of run.batches) {
      const failed = (message: string, thrown?: unknown) => end({ kind: 'failed', batch, message, thrown })
      if (index < numDone) {
        const outcome = await target.restore(batch)
        if (outcome?.kind === 'failure') return failed(outcome.message, outcome.thrown)
      } else {
        const turn = await pacer.turn(batch.atMs, () => describe(batch))
        if (!turn) return end({ kind: 'asked' })
        const beganMs = performance.now()
        const outcome = await target.invoke(batch)
        run.onOutcome(batch, outcome, performance.now() - beganMs)
        if (outcome.kind === 'failure') return failed(outcome.message, outcome.thrown)
        numRecords += recordCount(batch.event)
      }
      index += 1
      where = batch.where
      progress.update(index - numDone, numRecords, run.fraction())
    }
    return end(undefined)
  } finally {
    progress.clear()
    pacer.close()
  }
}

/** @example describe(batch) // 'bars, line 17: 15 records, stock-ticks 0:15-29' */
export const describe = (batch: ReplayedBatch): string =>
  `${batch.functionKey}, ${batch.where}: ${recordCount(batch.event)} records, ${placesOf(batch.event)}`
