// State in the memory of one process: for tests, the driver and batch mode. Promises the whole contract of the port,
// so that the protocol meets the same store it meets on AWS; what it cannot do is outlive the process or be shared by two.
import type { Item, ItemKey, PutOutcome, StateStore } from './store.ts'

export interface MemoryStateOptions {
  /** Wall clock for `expiresAtSec`, epoch milliseconds; default `Date.now`. */
  readonly nowMs?: () => number
  /** Items in one page of a range; DynamoDB pages at 1 MB. */
  readonly pageItems?: number
}

/** Writes between two sweeps of expired items. DynamoDB deletes them within days, so nobody may rely on the moment. */
const writesPerSweep = 1000

/**
 * @example
 * ```ts
 * kafkaHandler(barsQuery, { state: memoryState(), deadLetters })
 * ```
 */
export function memoryState(options: MemoryStateOptions = {}): StateStore {
  const { nowMs = Date.now, pageItems = 1000 } = options
  const partitions = new Map<string, Map<string, Item>>()
  let writes = 0

  return {
    kind: 'memory',
    async get({ pk, sk }: ItemKey): Promise<Item | undefined> {
      return partitions.get(pk)?.get(sk)
    },
    async put(item: Item, expectedRev: string | null): Promise<PutOutcome> {
      const items = partitions.get(item.pk) ?? new Map<string, Item>()
      if ((items.get(item.sk)?.rev ?? null) !== expectedRev) return 'conflict'
      partitions.set(item.pk, items.set(item.sk, item))
      writes += 1
      if (writes % writesPerSweep === 0) sweep(partitions, Math.floor(nowMs() / 1000))
      return 'ok'
    },
    async *range(pk: string, fromSk: string, toSk: string): AsyncIterable<readonly Item[]> {
      let after: string | null = null
      for (;;) {
        const lastSk: string | null = after
        const rest = [...(partitions.get(pk)?.values() ?? [])]
          .filter(({ sk }) => byBytes(sk, fromSk) >= 0 && byBytes(sk, toSk) < 0)
          .filter(({ sk }) => lastSk === null || byBytes(sk, lastSk) > 0)
          .sort((left, right) => byBytes(left.sk, right.sk))
        const page = rest.slice(0, pageItems)
        yield page
        if (rest.length <= pageItems) return
        after = page.at(-1)?.sk ?? null
      }
    },
    async close(): Promise<void> {
      partitions.clear()
    },
  }
}

// DynamoDB orders strings by their UTF-8 bytes, JavaScript by UTF-16 units: they differ beyond U+FFFF. Most pairs differ
// in ASCII, where both agree.
function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function sweep(partitions: Map<string, Map<string, Item>>, nowSec: number): void {
  for (const [pk, items] of partitions) {
    for (const [sk, item] of items) if (item.expiresAtSec !== null && item.expiresAtSec < nowSec) items.delete(sk)
    if (items.size === 0) partitions.delete(pk)
  }
}
