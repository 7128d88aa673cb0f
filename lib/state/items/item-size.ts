// How large an item may be: DynamoDB's limit, checked by every store, so that what a test accepts is what is deployed.

import { MicrobatchError } from '../../error.ts'
import type { Item } from '../store.ts'

/** DynamoDB's limit on an item, names and values together (Developer Guide, "Quotas": 400 KB). */
export const maxItemBytes = 400 * 1024

/** @throws MicrobatchError STATE_TOO_LARGE */
export function checkSize({ pk, sk, rev, body }: Item): void {
  const names = 'pk'.length + 'sk'.length + 'rev'.length + 'body'.length + 'expires'.length
  const numberBytes = 21
  const bytes = [pk, sk, rev, body].reduce((sum, text) => sum + Buffer.byteLength(text), names + numberBytes)
  if (bytes <= maxItemBytes) return
  throw new MicrobatchError(
    'STATE_TOO_LARGE',
    `The state item ${pk} / ${sk.slice(0, 100)} would take ${bytes} bytes; DynamoDB takes ${maxItemBytes}. ` +
      'Group by more columns or use shorter windows, and keep lists and distinct values out of the aggregates.',
  )
}
