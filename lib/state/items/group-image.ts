// One group as it is in the store, and its item: accumulator, how far each partition has been folded into it, and
// whether it is sealed. An image is a value; changing a group is writing another image over it (conditional-write.ts).
import * as z from 'zod'
import type { OutputRow } from '../protocol/stateful-query.ts'
import type { Item, ItemKey } from '../store.ts'
import { eventTimeSchema, pairsSchema, parseBody } from './item-body.ts'
import { type GroupName, groupId, layoutVersion } from './layout.ts'

export interface GroupImage extends GroupName {
  readonly rev: string
  /** 1, 2, … per write: sinks refuse a lower one. */
  readonly version: number
  /** Null in a group that was sealed empty, to record that its rows are late. */
  readonly acc: string | null
  /** Last offset folded, per topic-partition. Rows enter a group in offset order, so every smaller one is in too. */
  readonly applied: ReadonlyMap<string, number>
  /** No row is folded any more. Never undone. */
  readonly sealed: boolean
  readonly expiresAtSec: number | null
}

const bodySchema = z.object({
  layout: z.literal(layoutVersion),
  key: z.string(),
  windowEndMs: eventTimeSchema.nullable(),
  version: z.number(),
  acc: z.string().nullable(),
  applied: pairsSchema,
  sealed: z.boolean(),
})

export function groupItem(at: ItemKey, image: GroupImage): Item {
  const { key, windowEndMs, version, acc, applied, sealed, rev, expiresAtSec } = image
  const body = { layout: layoutVersion, key, windowEndMs, version, acc, applied: [...applied], sealed }
  return { ...at, rev, expiresAtSec, body: JSON.stringify(body) }
}

/** @throws MicrobatchError STATE_INCOMPATIBLE for an item of another layout. */
export function groupImage(item: Item): GroupImage {
  const { layout: _, applied, ...body } = parseBody(item, bodySchema)
  return { ...body, applied: new Map(applied), rev: item.rev, expiresAtSec: item.expiresAtSec }
}

export function outputRow(gen: string, { key, windowEndMs, version }: GroupImage, acc: string): OutputRow {
  return { id: groupId({ key, windowEndMs }), key, windowEndMs, acc, gen, version }
}
