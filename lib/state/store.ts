// The port of state: one table of small items, written on condition of the revision that was read. Promises consistent
// reads and single-item atomic writes, nothing else: no transactions, no counters, no deletes. What the items mean is
// the protocol's business (apply-batch.ts); memory.ts and dynamodb.ts write them, under one contract test.

/** Where an item lies: `pk` at most 2,048 bytes, `sk` at most 1,024, neither empty (DynamoDB's limits on keys). */
export interface ItemKey {
  readonly pk: string
  readonly sk: string
}

/** `rev` is a token no two writes share; `expiresAtSec` (epoch seconds) lets the store delete the item some time after. */
export interface Item extends ItemKey {
  readonly rev: string
  readonly expiresAtSec: number | null
  readonly body: string
}

export type PutOutcome = 'ok' | 'conflict'

export interface StateStore {
  /** True where every container and worker sees the same items; what one process keeps to itself is refused on Lambda. */
  readonly isShared: boolean
  /** The item as of the last write that was answered before this call, or undefined. */
  get(key: ItemKey): Promise<Item | undefined>
  /**
   * Writes the whole item if the stored one still has `expectedRev` (null: if there is none). `conflict` means surely not
   * written. A rejection means *unclear*: the write may have happened, or may happen yet; read again to know. Only
   * STATE_TOO_LARGE is final.
   */
  put(item: Item, expectedRev: string | null): Promise<PutOutcome>
  /**
   * The items of one `pk` with `fromSk <= sk < toSk`, in pages, in the order of the bytes of `sk`. Every page is a
   * consistent read; two pages may see different moments.
   */
  range(pk: string, fromSk: string, toSk: string): AsyncIterable<readonly Item[]>
  close(): Promise<void>
}
