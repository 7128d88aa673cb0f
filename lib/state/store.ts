// The port of state: one table of items, written on condition of the revision that was read. Promises consistent reads and
// single-item atomic writes, nothing else: no transactions, no counters. What the items mean is the protocol's business
// (protocol/); who keeps them is stores/memory.ts and stores/dynamodb.ts, which pass one contract test.

/** Where an item lies: `pk` at most 2,048 bytes, `sk` at most 1,024, neither empty (DynamoDB's limits on keys). */
export interface ItemKey {
  readonly pk: string
  readonly sk: string
}

/** `bytes` is its size where the caller knows it: what a removal costs depends on it. */
export interface RemovedItem extends ItemKey {
  readonly bytes?: number
}

/** `rev` is a token that no two writes share. */
export interface Item extends ItemKey {
  readonly rev: string
  readonly body: Uint8Array
}

/** `found` in a conflict: the item that stands there, null where there is none, undefined where the store did not say. */
export type PutOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'conflict'; readonly found: Item | null | undefined }

/** Items that one call of `exchange` takes (API BatchWriteItem: 25 requests). */
export const exchangeSize = 25

export interface StateStore {
  /** Whether other containers and workers see the same items. Where they do not, sums would be wrong on Lambda. */
  readonly isShared: boolean
  /** The item as of the last write that was answered before this call, or undefined. */
  get(key: ItemKey): Promise<Item | undefined>
  /**
   * Writes the whole item if the stored one still has `expectedRev` (null: if there is none). `conflict` means surely not
   * written, neither now nor by an earlier try that the store's client made by itself (unless `found` has the item's own rev).
   * A rejection means *unclear*: the write may have happened, or may happen yet; read again to know. Only STATE_TOO_LARGE is
   * final.
   */
  put(item: Item, expectedRev: string | null): Promise<PutOutcome>
  /**
   * Writes some items and removes others, without a condition, in no order, `exchangeSize` of them a call: for names that are
   * never given twice. One that is to go and is not there is no error. A rejection is *unclear* for each of them.
   */
  exchange(added: readonly Item[], removed: readonly RemovedItem[]): Promise<void>
  /**
   * The items of one `pk` with `fromSk <= sk < toSk`, in pages, in the order of the bytes of `sk`. Every page is a
   * consistent read; two pages may see different moments.
   */
  range(pk: string, fromSk: string, toSk: string): AsyncIterable<readonly Item[]>
  close(): Promise<void>
}
