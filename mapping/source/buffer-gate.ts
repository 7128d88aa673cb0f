// When to stop reading a partition, so that what waits stays bounded. Pure. Only a partition with its share of a full
// buffer is paused: one that is slow or failing cannot keep the others from being read.

export interface BufferLimits {
  readonly maxBytes: number
  readonly minBytesPerPartition: number
}

export interface BufferGate {
  /**
   * Which partitions to pause and which to read again, for what waits in memory now. Partitions that are not in it are forgotten.
   * @param waitingBytes of every assigned partition
   * @param others what the other mappings have waiting: bytes and partitions
   */
  readonly update: (
    waitingBytes: ReadonlyMap<number, number>,
    others?: Waiting,
  ) => {
    readonly pause: readonly number[]
    readonly resume: readonly number[]
  }
}

export interface Waiting {
  readonly bytes: number
  readonly partitions: number
}

const nothing: Waiting = { bytes: 0, partitions: 0 }

/** @example createBufferGate({ maxBytes: 64e6, minBytesPerPartition: 1e6 }).update(new Map([[0, 70e6], [1, 0]])).pause // [0] */
export function createBufferGate(limits: BufferLimits): BufferGate {
  const paused = new Set<number>()
  return {
    update: (waitingBytes, others = nothing) => {
      const partitions = Math.max(1, waitingBytes.size + others.partitions)
      const share = Math.max(limits.minBytesPerPartition, limits.maxBytes / partitions)
      let total = others.bytes
      for (const bytes of waitingBytes.values()) total += bytes
      const pause: number[] = []
      const resume: number[] = []
      for (const [partition, bytes] of waitingBytes) {
        if (paused.has(partition)) {
          // Half of the way down, so that it does not flip with every batch.
          if (total >= limits.maxBytes / 2 && bytes >= share / 2) continue
          paused.delete(partition)
          resume.push(partition)
        } else if (total >= limits.maxBytes && bytes >= share) {
          paused.add(partition)
          pause.push(partition)
        }
      }
      for (const partition of paused) {
        if (waitingBytes.has(partition)) continue
        paused.delete(partition)
        resume.push(partition)
      }
      return { pause, resume }
    },
  }
}
