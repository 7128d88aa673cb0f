// State in the memory of one process: for tests, the driver and batch mode. Promises the whole contract of the port,
// so that the protocol meets the same store it meets on AWS; what it cannot do is outlive the process or be shared by two.
import { checkSize } from '../items/item-size.ts'
import type { Item, ItemKey, PutOutcome, StateStore } from '../store.ts'

export interface MemoryStateOptions {
  /** Items in one page of a range; default all. DynamoDB's pages are of 1 MB. */
  readonly pageItems?: number
}

/**
 * State in the memory of this process: for tests, and where one process is all there is. `kafkaHandler` refuses it on Lambda.
 * @example testDriver(barsQuery, { state: memoryState() })
 */
export function memoryState(options: MemoryStateOptions = {}): StateStore {
  const { pageItems = Number.POSITIVE_INFINITY } = options
  const partitions = new Map<string, Map<string, Item>>()
  const itemsOf = (pk: string): Map<string, Item> => {
    const items = partitions.get(pk) ?? new Map<string, Item>()
    partitions.set(pk, items)
    return items
  }

  return {
    isShared: false,
    async get({ pk, sk }: ItemKey): Promise<Item | undefined> {
      return partitions.get(pk)?.get(sk)
    },
    async put(item: Item, expectedRev: string | null): Promise<PutOutcome> {
      checkSize(item)
      const items = itemsOf(item.pk)
      const found = items.get(item.sk) ?? null
      if ((found?.rev ?? null) !== expectedRev) return { kind: 'conflict', found }
      items.set(item.sk, item)
      return { kind: 'ok' }
    },
    async exchange(added: readonly Item[], removed: readonly ItemKey[]): Promise<void> {
      for (const item of added) checkSize(item)
      for (const item of added) itemsOf(item.pk).set(item.sk, item)
      for (const { pk, sk } of removed) partitions.get(pk)?.delete(sk)
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
