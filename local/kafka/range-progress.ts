// How far the reading of a topic is, in each partition. A record is taken once, however often it is delivered. Pure.
import type { OffsetRange } from './offset-range.ts'

export class RangeProgress {
  readonly #partitions: ReadonlyMap<number, { next: number; readonly to: number }>

  /** A range that ends at Infinity is never done. */
  constructor(ranges: readonly OffsetRange[]) {
    this.#partitions = new Map(ranges.map(({ partition, from, to }) => [partition, { next: from, to }]))
  }

  get open(): readonly { readonly partition: number; readonly next: number }[] {
    return [...this.#partitions]
      .filter(([, { next, to }]) => next < to)
      .map(([partition, { next }]) => ({ partition, next }))
  }

  get isDone(): boolean {
    return this.open.length === 0
  }

  wants(partition: number, offset: number): boolean {
    const range = this.#partitions.get(partition)
    return range !== undefined && offset >= range.next && offset < range.to
  }

  /** @returns whether that was news */
  advance(partition: number, next: number): boolean {
    const range = this.#partitions.get(partition)
    if (range === undefined || next <= range.next) return false
    range.next = next
    return true
  }

  toString(): string {
    return this.open.map(({ partition, next }) => `${partition}:${next}`).join(' ')
  }
}
