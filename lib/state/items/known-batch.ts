// The batches that may come again: each by the offsets it covers, with the number of its first commit and the clock that its
// functions see. Kept in progress, so that a retry in any container has the number and the clock of the first try. Pure.

/** The offsets of a batch in one partition: the first, and one past the last. */
export type BatchRange = readonly [tp: string, first: number, end: number]

export interface KnownBatch {
  /** In the order of the partitions' names. */
  readonly ranges: readonly BatchRange[]
  /** The number of its first commit; null before it. */
  readonly n: number | null
  /** Epoch milliseconds; null where no function asks for it. */
  readonly clockMs: number | null
}

interface Records {
  readonly tp: string
  readonly records: readonly { readonly offset: number }[]
}

/** The ranges of a delivery. @param partitions records of each in the order of their offsets */
export const rangesOf = (partitions: readonly Records[]): readonly BatchRange[] =>
  partitions
    .flatMap(({ tp, records }): BatchRange[] => {
      const [first, last] = [records[0], records.at(-1)]
      return first === undefined || last === undefined ? [] : [[tp, first.offset, last.offset + 1]]
    })
    .sort(([left], [right]) => (left < right ? -1 : 1))

/** One text for one batch. @example batchKey([['ticks-0', 15, 18]]) // 'ticks-0:15-18' */
export const batchKey = (ranges: readonly BatchRange[]): string =>
  ranges.map(([tp, first, end]) => `${tp}:${first}-${end}`).join(' ')

export const findBatch = (known: readonly KnownBatch[], ranges: readonly BatchRange[]): KnownBatch | undefined => {
  const key = batchKey(ranges)
  return known.find((batch) => batchKey(batch.ranges) === key)
}

/** The number of a batch's first commit, which is the same in each attempt. @param n of the commit at hand */
export const batchIdOf = (
  { batches, n }: { readonly batches: readonly KnownBatch[]; readonly n: number },
  partitions: readonly Records[],
): number => findBatch(batches, rangesOf(partitions))?.n ?? n

/**
 * The known batches with one more, or with what is new of one. Without those that cannot come again: a partition delivers
 * offsets beyond a batch only when the batch was acknowledged.
 */
export function withBatch(known: readonly KnownBatch[], batch: KnownBatch): readonly KnownBatch[] {
  if (batch.ranges.length === 0) return known
  const key = batchKey(batch.ranges)
  const firstOf = new Map(batch.ranges.map(([tp, first]) => [tp, first]))
  const isOver = ({ ranges }: KnownBatch): boolean => ranges.some(([tp, , end]) => (firstOf.get(tp) ?? -1) >= end)
  let isKnown = false
  const merged = known.flatMap((other): KnownBatch[] => {
    if (batchKey(other.ranges) === key) {
      isKnown = true
      return [{ ranges: other.ranges, n: other.n ?? batch.n, clockMs: other.clockMs ?? batch.clockMs }]
    }
    return isOver(other) ? [] : [other]
  })
  return isKnown ? merged : [...merged, batch].slice(-maxKnown)
}

/** More invocations than Lambda runs at a time for a mapping; the item of progress stays small. */
const maxKnown = 200

/** The clock of a record: that of the first known batch that had it. */
export function clockOf(known: readonly KnownBatch[], tp: string, offset: number): number | null {
  for (const { ranges, clockMs } of known) {
    if (clockMs === null) continue
    for (const [name, first, end] of ranges) if (name === tp && first <= offset && offset < end) return clockMs
  }
  return null
}
