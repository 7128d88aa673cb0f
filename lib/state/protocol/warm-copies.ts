// Group images a container has seen lately: they save the read of a group that comes again. A copy may be stale: "row
// present" and "sealed" are facts that stay true, everything else is checked by the conditional write. Bounded in age
// (a copy must not outlive the store's own deletion of old groups) and in number.
import type { GroupImage } from '../items/group-image.ts'
import type { ItemKey } from '../store.ts'

export interface WarmCopiesOptions {
  /** Default 10 minutes; far below the retention of closed groups. */
  readonly maxAgeMs?: number
  /** Default 20,000 groups; the ones not used longest go first. 0 keeps none. */
  readonly maxCopies?: number
}

interface Copy {
  readonly gen: string
  readonly atMs: number
  readonly image: GroupImage
}

export class WarmCopies {
  readonly #maxAgeMs: number
  readonly #maxCopies: number
  readonly #copies = new Map<string, Copy>()

  constructor({ maxAgeMs = 600_000, maxCopies = 20_000 }: WarmCopiesOptions = {}) {
    this.#maxAgeMs = maxAgeMs
    this.#maxCopies = maxCopies
  }

  get(at: ItemKey): GroupImage | undefined {
    return this.#copies.get(id(at))?.image
  }

  /** Only for an image that was read or whose write was confirmed. */
  keep(at: ItemKey, gen: string, image: GroupImage, atMs: number): void {
    this.forget(at)
    this.#copies.set(id(at), { gen, atMs, image })
    for (const oldest of this.#copies.keys()) {
      if (this.#copies.size <= this.#maxCopies) break
      this.#copies.delete(oldest)
    }
  }

  forget(at: ItemKey): void {
    this.#copies.delete(id(at))
  }

  /** Drops copies of other generations and old ones. */
  prune(gen: string, nowMs: number): void {
    for (const [key, copy] of this.#copies) {
      if (copy.gen !== gen || nowMs - copy.atMs > this.#maxAgeMs) this.#copies.delete(key)
    }
  }
}

const id = ({ pk, sk }: ItemKey): string => `${pk.length} ${pk}${sk}`
