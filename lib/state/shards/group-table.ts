// The groups of a shard in memory: by window end, then by key, so that a row finds its group without building a string and
// the groups of a window that has ended are found without looking at the others. A group is decoded when a row or a sink
// first wants it; its line, as it was last confirmed, is what a failed write goes back to. Lines are not cut out of the text
// they came in, or were written with: a group knows the text and the place.

import { TextWriter } from '../../text-writer.ts'
import { type ImageFields, parseImageLine } from '../items/segment.ts'
import type { GroupOperator, Lookup } from '../protocol/stateful-query.ts'
import type { GroupImage } from './group-image.ts'

export type { GroupImage } from './group-image.ts'

type Operator = Pick<GroupOperator<never, unknown>, 'init' | 'decode' | 'lookupOf' | 'keyText'>

/** What an image takes in memory beside its line: itself, its map entry, its decoded accumulator. An estimate. */
const imageBytes = 400

/** Texts are written anew when so many times what is live of them is kept, and this much besides. */
const maxKeptRatio = 3
const slackLength = 1_000_000

export class GroupTable {
  readonly #operator: Operator
  readonly #byEnd = new Map<number, Map<Lookup, GroupImage>>()
  #recentEndMs = Number.NaN
  #recent = new Map<Lookup, GroupImage>()
  #size = 0
  #lineLength = 0
  /** All texts that a group may still have its line in, together. */
  #keptLength = 0

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
    return this.#keptLength + this.#size * imageBytes
  }

  find(endMs: number, lookup: Lookup): GroupImage | undefined {
    return this.#byEnd.get(endMs)?.get(lookup)
  }

  findOrAdd(endMs: number, lookup: Lookup): GroupImage {
    const window = this.#windowOf(endMs)
    let image = window.get(lookup)
    if (image === undefined) {
      image = {
        endMs,
        lookup,
        key: null,
        text: null,
        from: 0,
        to: 0,
        acc: undefined,
        version: 0,
        last: noLast,
        changedBy: null,
      }
      window.set(lookup, image)
      this.#size += 1
    }
    return image
  }

  /** Rows come in the order of their times, more or less, so it is mostly the one of the row before. */
  #windowOf(endMs: number): Map<Lookup, GroupImage> {
    if (endMs === this.#recentEndMs) return this.#recent
    let window = this.#byEnd.get(endMs)
    if (window === undefined) {
      window = new Map()
      this.#byEnd.set(endMs, window)
    }
    this.#recentEndMs = endMs
    this.#recent = window
    return window
  }

  /** The accumulator of a group, decoded if it was not. */
  accOf(image: GroupImage): unknown {
    if (image.acc === undefined) {
      const { text } = image
      image.acc =
        text === null ? this.#operator.init() : this.#operator.decode(fieldsOf(text, image.from, image.to).acc)
    }
    return image.acc
  }

  /** The canonical text of a group's key, which an append, a sink and a sort want. */
  keyOf(image: GroupImage): string {
    image.key ??= this.#operator.keyText(image.lookup)
    return image.key
  }

  /** Takes over the lines of a segment: a later line of a group wins. */
  merge(text: string): void {
    this.#keptLength += text.length
    for (let from = 0; from < text.length; ) {
      const to = text.indexOf('\n', from) + 1
      const fields = fieldsOf(text, from, to)
      const image = this.findOrAdd(fields.endMs, this.#operator.lookupOf(fields.key))
      this.#place(image, text, from, to)
      this.#set(image, fields)
      from = to
    }
    this.#tidy()
  }

  /**
   * What was written has been confirmed.
   * @param text the lines of the images, in their order; `ends[i]` is where the line of `images[i]` ends
   */
  confirm(images: readonly GroupImage[], text: string, ends: readonly number[], version: number): void {
    this.#keptLength += text.length
    let from = 0
    for (let i = 0; i < images.length; i += 1) {
      const image = images[i]
      const to = ends[i]
      if (image === undefined || to === undefined) break
      this.#place(image, text, from, to)
      image.version = version
      image.changedBy = null
      from = to
    }
    this.#tidy()
  }

  /** What was folded has not been written: the group is again as the store has it. */
  restore(image: GroupImage): void {
    image.changedBy = null
    if (image.text === null) this.remove(image)
    else this.#set(image, fieldsOf(image.text, image.from, image.to))
  }

  remove(image: GroupImage): void {
    const window = this.#byEnd.get(image.endMs)
    if (window?.delete(image.lookup) !== true) return
    if (window.size === 0) {
      this.#byEnd.delete(image.endMs)
      this.#recentEndMs = Number.NaN
    }
    this.#size -= 1
    this.#lineLength -= image.to - image.from
  }

  *all(): Iterable<GroupImage> {
    for (const groups of this.#byEnd.values()) yield* groups.values()
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

  /** The lines of all groups in new texts of this length or one line more, from which the groups have them from then on. */
  rewrite(textLength: number): readonly string[] {
    const texts: string[] = []
    const out = new TextWriter()
    let images: GroupImage[] = []
    const finish = (): void => {
      const text = out.finish()
      let from = 0
      for (const image of images) {
        const to = from + image.to - image.from
        this.#place(image, text, from, to)
        from = to
      }
      if (text !== '') texts.push(text)
      images = []
    }
    for (const image of this.all()) {
      if (image.text === null) continue
      out.text(image.text.slice(image.from, image.to))
      images.push(image)
      if (out.length >= textLength) finish()
    }
    finish()
    this.#keptLength = this.#lineLength
    return texts
  }

  /** A text is kept whole while one group has its line in it, so what is dead of them is let go now and then. */
  #tidy(): void {
    if (this.#keptLength > maxKeptRatio * this.#lineLength + slackLength) this.rewrite(slackLength)
  }

  #place(image: GroupImage, text: string, from: number, to: number): void {
    this.#lineLength += to - from - (image.to - image.from)
    image.text = text
    image.from = from
    image.to = to
  }

  #set(image: GroupImage, { version, last }: ImageFields): void {
    image.acc = undefined
    image.version = version
    image.last = [...last]
  }
}

const fieldsOf = (text: string, from: number, to: number): ImageFields => parseImageLine(text.slice(from, to - 1))

/** Shared by groups of which no row was folded yet. */
const noLast: (string | number)[] = []
