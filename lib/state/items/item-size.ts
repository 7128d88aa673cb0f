// How large an item may be, and what reading and writing it costs: DynamoDB's limits and units, held by every store, so that
// what a test accepts is what is deployed.

import { MicrobatchError } from '../../error.ts'
import type { Item } from '../store.ts'

/** DynamoDB's limit on an item, names and values together (Developer Guide, "Quotas": 400 KB). */
export const maxItemBytes = 400 * 1024

const nameBytes = 'pk'.length + 'sk'.length + 'rev'.length + 'body'.length

export const itemBytes = ({ pk, sk, rev, body }: Item): number =>
  nameBytes + Buffer.byteLength(pk) + Buffer.byteLength(sk) + Buffer.byteLength(rev) + body.byteLength

/** Units of a write, of 1 KB each, as DynamoDB bills them; a refused conditional write costs the same. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024))

/** Units of a consistent read, of 4 KB each; one that finds nothing costs one. */
export const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096))

/** @throws MicrobatchError STATE_TOO_LARGE */
export function checkSize(item: Item): void {
  const bytes = itemBytes(item)
  if (bytes <= maxItemBytes) return
  throw new MicrobatchError(
    'STATE_TOO_LARGE',
    `The state item ${item.pk} / ${item.sk.slice(0, 100)} would take ${bytes} bytes; DynamoDB holds ${maxItemBytes}. ` +
      'Group by more columns or use shorter windows, and keep lists and distinct values out of the aggregates.',
  )
}
