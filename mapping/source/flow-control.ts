// Pauses the partitions that fill the buffer and resumes them when it has emptied. What waits in memory is the batcher's and the
// dispatcher's; which partitions that means is decided by buffer-gate.ts.

import * as limits from '../settings/limits.ts'
import { createBufferGate, type Waiting } from './buffer-gate.ts'
import type { RecordSource } from './record-source.ts'

export interface FlowControlOptions {
  readonly source: Pick<RecordSource, 'pause' | 'resume'>
  /** Those that are assigned now. */
  readonly partitions: () => Iterable<number>
  /** What waits for a batch: records and their encoded bytes. */
  readonly waiting: (partition: number) => { readonly records: number; readonly bytes: number }
  /** Bytes in batches that are not done. */
  readonly batchBytes: (partition: number) => number
  readonly buffered: BufferedByAll
}

/** What waits in each mapping of a start, since they share the memory. */
export interface BufferedByAll {
  /** Says what waits in one of them, and gives what waits in all others. */
  readonly others: (own: object, waiting: Waiting) => Waiting
}

/** @example const buffered = bufferedByAll(); buffered.others(mapping, { bytes: 1000, partitions: 4 }) // { bytes: 0, partitions: 0 } */
export function bufferedByAll(): BufferedByAll {
  const all = new Map<object, Waiting>()
  return {
    others: (own, waiting) => {
      all.set(own, waiting)
      let [bytes, partitions] = [-waiting.bytes, -waiting.partitions]
      for (const each of all.values()) {
        bytes += each.bytes
        partitions += each.partitions
      }
      return { bytes, partitions }
    },
  }
}

/** @returns looks again at what waits; to be called when it has changed. @example const update = flowControl(options); update() */
export function flowControl({ source, partitions, waiting, batchBytes, buffered }: FlowControlOptions): () => void {
  const gate = createBufferGate({
    maxBytes: limits.maxBufferedBytes,
    minBytesPerPartition: limits.minBufferedBytesPerPartition,
  })
  const own = {}
  return () => {
    const bytesOf = new Map<number, number>()
    let total = 0
    for (const partition of partitions()) {
      const { records, bytes } = waiting(partition)
      const inMemory = bytes + records * limits.recordOverheadBytes + batchBytes(partition)
      bytesOf.set(partition, inMemory)
      total += inMemory
    }
    const others = buffered.others(own, { bytes: total, partitions: bytesOf.size })
    const { pause, resume } = gate.update(bytesOf, others)
    for (const partition of pause) source.pause(partition)
    for (const partition of resume) source.resume(partition)
  }
}
