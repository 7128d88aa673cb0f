// The groups of a shard in memory: by window end, then by key, so that a row finds its group without building a string and
// the groups of a window that has ended are found without looking at the others. A group is decoded when a row or a sink
// first wants it; its line, as it was last confirmed, is what a failed write goes back to.

import { type ImageFields, parseImageLine } from '../items/segment.ts'
import type { GroupOperator, Lookup } from '../protocol/stateful-query.ts'

/** One group. What is under way in a batch is in `acc` and `last`; what the store has confirmed is `line`. */
export interface GroupImage {
  readonly endMs: number
  readonly lookup: Lookup
  /** The image as it stands in the log, with its line break; null before its first confirmed write. */
  line: string | null
  /** Undefined until somebody wants it. */
  acc: unknown
  /** `seq` of the append that wrote it: grows, and never comes twice. */
  version: number
  /** Topic-partition and last offset folded, in turns; update mode only. */
  last: (string | number)[]
  /** The attempt that changed it last. */
  changedBy: object | null
}

type Operator = Pick<GroupOperator<never, unknown>, 'init' | 'decode' | 'lookupOf'>

/** What an image takes in memory beside its line: itself, its map entry, its decoded accumulator. An estimate. */
const imageBytes = 400

export class GroupTable {
  readonly #operator: Operator
  readonly #byEnd = new Map<number, Map<Lookup, GroupImage>>()
  #size = 0
  #lineLength = 0

  constructor(operator: Operator) {
    this.#operator = operator
  }

  get size(): number {
    return this.#size
  }

  /** Bytes of all lines together, before compression. */
  get lineLength(): number {
    return this.#lineLength
  }

  /** Bytes of memory, an estimate. */
  get bytes(): number {
    return this.#lineLength + this.#size * imageBytes
  }

  find(endMs: number, lookup: Lookup): GroupImage | undefined {
    return this.#byEnd.get(endMs)?.get(lookup)
  }

  findOrAdd(endMs: number, lookup: Lookup): GroupImage {
    let window = this.#byEnd.get(endMs)
    if (window === undefined) {
      window = new Map()
      this.#byEnd.set(endMs, window)
    }
    let image = window.get(lookup)
    if (image === undefined) {
      image = { endMs, lookup, line: null, acc: undefined, version: 0, last: [], changedBy: null }
      window.set(lookup, image)
      this.#size += 1
    }
    return image
  }

  /** The accumulator of a group, decoded if it was not. */
  accOf(image: GroupImage): unknown {
    if (image.acc === undefined) {
      image.acc = image.line === null ? this.#operator.init() : this.#operator.decode(fieldsOf(image.line).acc)
    }
    return image.acc
  }

  /** Takes over the lines of a segment: a later line of a group wins. */
  merge(text: string): void {
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from) + 1
      const line = text.slice(from, end)
      const fields = fieldsOf(line)
      const image = this.findOrAdd(fields.endMs, this.#operator.lookupOf(fields.key))
      this.#set(image, line, fields)
      from = end
    }
  }

  /** What was written has been confirmed. */
  confirm(image: GroupImage, line: string, version: number): void {
    this.#lineLength += line.length - (image.line?.length ?? 0)
    image.line = line
    image.version = version
    image.changedBy = null
  }

  /** What was folded has not been written: the group is again as the store has it. */
  restore(image: GroupImage): void {
    image.changedBy = null
    if (image.line === null) this.remove(image)
    else this.#set(image, image.line, fieldsOf(image.line))
  }

  remove(image: GroupImage): void {
    const window = this.#byEnd.get(image.endMs)
    if (window?.delete(image.lookup) !== true) return
    if (window.size === 0) this.#byEnd.delete(image.endMs)
    this.#size -= 1
    this.#lineLength -= image.line?.length ?? 0
  }

  *all(): Iterable<GroupImage> {
    for (const window of this.#byEnd.values()) yield* window.values()
  }

  /** Groups with `afterMs < end <= upToMs`. */
  *endedIn(afterMs: number, upToMs: number): Iterable<GroupImage> {
    for (const [endMs, window] of this.#byEnd) if (endMs > afterMs && endMs <= upToMs) yield* window.values()
  }

  /** How many groups end after a moment. */
  countAfter(endMs: number): number {
    let count = 0
    for (const [end, window] of this.#byEnd) if (end > endMs) count += window.size
    return count
  }

  #set(image: GroupImage, line: string, { version, last }: ImageFields): void {
    this.#lineLength += line.length - (image.line?.length ?? 0)
    image.line = line
    image.acc = undefined
    image.version = version
    image.last = [...last]
  }
}

const fieldsOf = (line: string): ImageFields => parseImageLine(line.slice(0, -1))
