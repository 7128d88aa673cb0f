// State in the memory of one process: for tests, the driver and batch mode. Promises the whole contract of the port,
// so that the protocol meets the same store it meets on AWS; what it cannot do is outlive the process or be shared by two.
import { checkSize } from '../items/item-size.ts'
import type { Item, ItemKey, PutOutcome, StateStore } from '../store.ts'

export interface MemoryStateOptions {
  /** Wall clock for `expiresAtSec`, epoch milliseconds; default `Date.now`. */
  readonly nowMs?: () => number
  /** Items in one page of a range; default all. DynamoDB's pages are of 1 MB. */
  readonly pageItems?: number
}

/** Writes between two sweeps of expired items. DynamoDB deletes them within days, so nobody may rely on the moment. */
const writesPerSweep = 10_000

/**
 * State in the memory of this process: for tests, and where one process is all there is. `kafkaHandler` refuses it on Lambda.
 * @example testDriver(barsQuery, { state: memoryState() })
 */
export function memoryState(options: MemoryStateOptions = {}): StateStore {
  const { nowMs = Date.now, pageItems = Number.POSITIVE_INFINITY } = options
  const partitions = new Map<string, Map<string, Item>>()
  let writes = 0

  return {
    isShared: false,
    async get({ pk, sk }: ItemKey): Promise<Item | undefined> {
      return partitions.get(pk)?.get(sk)
    },
    async put(item: Item, expectedRev: string | null): Promise<PutOutcome> {
      checkSize(item)
      const items = partitions.get(item.pk) ?? new Map<string, Item>()
      if ((items.get(item.sk)?.rev ?? null) !== expectedRev) return 'conflict'
      partitions.set(item.pk, items.set(item.sk, item))
      writes += 1
      if (writes % writesPerSweep === 0) sweep(partitions, Math.floor(nowMs() / 1000))
      return 'ok'
    },
    async *range(pk: string, fromSk: string, toSk: string): AsyncIterable<readonly Item[]> {
      const upper = bytesOf(toSk)
      let lower = bytesOf(fromSk)
      for (;;) {
        const rest: { readonly bytes: string; readonly item: Item }[] = []
        for (const item of partitions.get(pk)?.values() ?? []) {
          const bytes = bytesOf(item.sk)
          if (bytes >= lower && bytes < upper) rest.push({ bytes, item })
        }
        rest.sort((left, right) => (left.bytes < right.bytes ? -1 : 1))
        const page = rest.slice(0, pageItems)
        yield page.map(({ item }) => item)
        const next = rest[pageItems]
        if (next === undefined) return
        lower = next.bytes
      }
    },
    async close(): Promise<void> {
      partitions.clear()
    },
  }
}

// DynamoDB orders strings by their UTF-8 bytes, JavaScript by UTF-16 units, which differ beyond U+FFFF. In Latin-1
// every byte is one unit; ASCII is what it was.
const bytesOf = (text: string): string => (/^[ -~]*$/.test(text) ? text : Buffer.from(text).toString('latin1'))

function sweep(partitions: Map<string, Map<string, Item>>, nowSec: number): void {
  for (const [pk, items] of partitions) {
    for (const [sk, item] of items) if (item.expiresAtSec !== null && item.expiresAtSec < nowSec) items.delete(sk)
    if (items.size === 0) partitions.delete(pk)
  }
}
