// The groups of a shard in memory, with what stateful operators keep beside them. A group is decoded when a row or a sink first
// wants it; its line, as it was last confirmed, is what a failed write goes back to. Lines are not cut out of the text they came
// in, or were written with: a group knows the text and the place.

import { TextWriter } from '../../text-writer.ts'
import { entryLane, isGroupEnd } from '../items/lane.ts'
import { type ImageFields, parseImageLine } from '../items/segment.ts'
import { type KeptLayout, ownLayout } from '../protocol/evolution/kept-layout.ts'
import type { GroupOperator } from '../protocol/operators/group-operator.ts'
import type { OperatorChain } from '../protocol/operators/operator-chain.ts'
import { DueTimes, slotOf } from './due-times.ts'
import { type GroupImage, gone, noLast } from './group-image.ts'
import { ImageIndex } from './image-index.ts'

type Operator = Pick<GroupOperator<never, unknown>, 'init' | 'decode' | 'lookupOf' | 'keyText'>
type Chain = Pick<OperatorChain<never>, 'decode'>

/** What an image takes in memory beside its line: itself, its map entry, its decoded accumulator. An estimate. */
const imageBytes = 400

/** A place among what is due. */
const placeBytes = 60

/** Texts are written anew when so many times what is live of them is kept, and this much besides. */
const maxKeptRatio = 3
const slackLength = 1_000_000

export class GroupTable extends ImageIndex {
  /** When the entries of operators are due. */
  readonly dues = new DueTimes()
  readonly #operator: Operator
  readonly #chain: Chain | null
  readonly #layout: Pick<KeptLayout, 'groups' | 'operators'>
  #lineLength = 0
  /** All texts that a group may still have its line in, together. */
  #keptLength = 0

  constructor(
    operator: Operator,
    chain: Chain | null = null,
    layout: Pick<KeptLayout, 'groups' | 'operators'> = ownLayout,
  ) {
    super()
    this.#operator = operator
    this.#chain = chain
    this.#layout = layout
  }

  /** Bytes of all lines together, before compression. */
  get lineLength(): number {
    return this.#lineLength
  }

  /** Bytes of memory, an estimate. */
  get bytes(): number {
    return this.#keptLength + this.size * imageBytes + this.dues.size * placeBytes
  }

  /** The accumulator of a group, decoded if it was not. */
  accOf(image: GroupImage): unknown {
    if (image.acc === undefined) {
      const { text } = image
      image.acc = text === null ? this.#operator.init() : this.#decode(image, fieldsOf(text, image.from, image.to).acc)
    }
    return image.acc
  }

  /** The canonical text of a group's key, which an append, a sink and a sort want. */
  keyOf(image: GroupImage): string {
    image.key ??= this.#operator.keyText(image.lookup)
    return image.key
  }

  #decode({ endMs, lookup }: GroupImage, encoded: string): unknown {
    if (endMs !== entryLane) return this.#operator.decode(encoded, this.#layout.groups)
    const slot = slotOf(String(lookup))
    return this.#chain?.decode(slot, encoded, this.#layout.operators[slot])
  }

  /** Takes over the lines of a segment: a later line of a group wins, and one without a value takes the group out. */
  merge(text: string): void {
    this.#keptLength += text.length
    for (let from = 0; from < text.length; ) {
      const to = text.indexOf('\n', from) + 1
      const fields = fieldsOf(text, from, to)
      const { endMs, key } = fields
      const image = this.findOrAdd(endMs, isGroupEnd(endMs) ? this.#operator.lookupOf(key) : key)
      if (fields.acc === '') this.remove(image)
      else {
        this.#place(image, text, from, to)
        this.#set(image, fields)
      }
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
      if (image.acc === gone) this.remove(image)
      else {
        this.#place(image, text, from, to)
        image.version = version
        image.changedBy = null
      }
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
    if (!this.take(image)) return
    this.#lineLength -= image.to - image.from
    if (image.endMs !== entryLane) return
    image.last = noLast
    // A place among what is due may have it for long, and shall not hold the text.
    image.text = null
    image.acc = undefined
    this.dues.forget(image)
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
    if (image.endMs === entryLane) this.dues.note(image)
  }
}

const fieldsOf = (text: string, from: number, to: number): ImageFields => parseImageLine(text.slice(from, to - 1))
