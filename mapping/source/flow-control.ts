// Pauses the partitions that fill the buffer and resumes them when it has emptied. What waits in memory is the batcher's and the
// dispatcher's; which partitions that means is decided by buffer-gate.ts.

import * as limits from '../settings/limits.ts'
import { createBufferGate } from './buffer-gate.ts'
import type { RecordSource } from './record-source.ts'

export interface FlowControlOptions {
  readonly source: Pick<RecordSource, 'pause' | 'resume'>
  /** Those that are assigned now. */
  readonly partitions: () => Iterable<number>
  /** What waits for a batch: records and their encoded bytes. */
  readonly waiting: (partition: number) => { readonly records: number; readonly bytes: number }
  /** Bytes in batches that are not done. */
  readonly batchBytes: (partition: number) => number
}

/** @returns looks again at what waits; to be called when it has changed. @example const update = flowControl(options); update() */
export function flowControl({ source, partitions, waiting, batchBytes }: FlowControlOptions): () => void {
  const gate = createBufferGate({
    maxBytes: limits.maxBufferedBytes,
    minBytesPerPartition: limits.minBufferedBytesPerPartition,
  })
  return () => {
    const bytesOf = new Map<number, number>()
    for (const partition of partitions()) {
      const { records, bytes } = waiting(partition)
      bytesOf.set(partition, bytes + records * limits.recordOverheadBytes + batchBytes(partition))
    }
    const { pause, resume } = gate.update(bytesOf)
    for (const partition of pause) source.pause(partition)
    for (const partition of resume) source.resume(partition)
  }
}
