// Some records as an event names them: how many, and which offsets of which partitions. The offsets are gone through only when a
// subscriber asks, since a batch of 10,000 records is closed many times a second.

/** One partition's part of some records. */
export interface Span {
  readonly partition: number
  readonly first: number
  readonly last: number
  readonly count: number
}

interface RecordPlace {
  readonly partition: number
  readonly offset: number
}

/** @example new RecordList([{ partition: 0, offset: 5 }, { partition: 0, offset: 7 }]).spans // [{ partition: 0, first: 5, last: 7, count: 2 }] */
export class RecordList {
  readonly count: number
  readonly #records: readonly RecordPlace[]
  #spans: readonly Span[] | undefined

  constructor(records: readonly RecordPlace[]) {
    this.count = records.length
    this.#records = records
  }

  /** By partition, in the order they come in. */
  get spans(): readonly Span[] {
    this.#spans ??= spansOf(this.#records)
    return this.#spans
  }
}

function spansOf(records: readonly RecordPlace[]): readonly Span[] {
  const spans = new Map<number, { partition: number; first: number; last: number; count: number }>()
  let span: { partition: number; first: number; last: number; count: number } | undefined
  for (const { partition, offset } of records) {
    // They come in runs of one partition.
    if (span?.partition !== partition) span = spans.get(partition)
    if (span === undefined) {
      span = { partition, first: offset, last: offset, count: 0 }
      spans.set(partition, span)
    }
    span.last = offset
    span.count += 1
  }
  return [...spans.values()]
}
