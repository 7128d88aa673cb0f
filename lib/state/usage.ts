// What a batch costs at the store: its calls, and the units that DynamoDB would bill for them.

import { itemBytes, readUnits, writeUnits } from './items/item-size.ts'
import { exchangeSize, type StateStore } from './store.ts'

export interface StoreUsage {
  /** Requests to the store. */
  readonly calls: number
  /** Units of 4 KB read consistently, and of 1 KB written (DynamoDB Developer Guide, "Read and write request units"). */
  readonly readUnits: number
  readonly writeUnits: number
}

type Counters = { -readonly [Name in keyof StoreUsage]: StoreUsage[Name] }

/** @returns the store with its calls counted, and the counters, which go on counting */
export function meteredStore(store: StateStore): { readonly store: StateStore; readonly usage: StoreUsage } {
  const usage: Counters = { calls: 0, readUnits: 0, writeUnits: 0 }
  const metered: StateStore = {
    isShared: store.isShared,
    async get(key) {
      usage.calls += 1
      const item = await store.get(key)
      usage.readUnits += readUnits(item === undefined ? 0 : itemBytes(item))
      return item
    },
    put(item, expectedRev) {
      usage.calls += 1
      usage.writeUnits += writeUnits(itemBytes(item))
      return store.put(item, expectedRev)
    },
    exchange(added, removed) {
      usage.calls += Math.ceil((added.length + removed.length) / exchangeSize)
      for (const item of added) usage.writeUnits += writeUnits(itemBytes(item))
      // Deleting an item costs what writing it did.
      for (const { bytes = 0 } of removed) usage.writeUnits += writeUnits(bytes)
      return store.exchange(added, removed)
    },
    async *range(pk, fromSk, toSk) {
      for await (const page of store.range(pk, fromSk, toSk)) {
        usage.calls += 1
        usage.readUnits += readUnits(page.reduce((sum, item) => sum + itemBytes(item), 0))
        yield page
      }
    },
    close: () => store.close(),
  }
  return { store: metered, usage }
}
