// What a store, or the way to it, may do wrong: each mutant of this kind is a store around the store.

import { headOf } from '../../../lib/state/items/head.ts'
import { headKey } from '../../../lib/state/items/names.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'

export const isProgress = ({ sk }: Item): boolean => sk === 'progress'
export const isHead = ({ sk }: Item): boolean => sk === 'head'
export const isSegment = ({ sk }: Item): boolean => /^(seg|snap)#/.test(sk)

/** Writes over whatever is there, for the items it is told. */
export const blindly =
  (isMeant: (item: Item) => boolean) =>
  (store: StateStore): StateStore => ({
    ...store,
    put: async (item, expectedRev) =>
      store.put(item, isMeant(item) ? ((await store.get(item))?.rev ?? null) : expectedRev),
  })

export const unclearIsWritten = (store: StateStore): StateStore => ({
  ...store,
  put: (item, expectedRev) => store.put(item, expectedRev).catch(() => ({ kind: 'ok' })),
})

/** Segments are sent after the head that names them. */
export function headBeforeSegments(store: StateStore): StateStore {
  const waiting: Item[] = []
  return {
    ...store,
    put: async (item, expectedRev) => {
      if (isSegment(item)) {
        waiting.push(item)
        return { kind: 'ok' }
      }
      const outcome = await store.put(item, expectedRev)
      for (const segment of waiting.splice(0)) await store.put(segment, null)
      return outcome
    },
  }
}

/** What a snapshot is to replace is removed before the head that names the snapshot. */
export const removesBeforeHead = (store: StateStore): StateStore => ({
  ...store,
  put: async (item, expectedRev) => {
    if (item.sk.startsWith('snap#')) {
      const head = await store.get(headKey(item.pk))
      if (head !== undefined) await store.remove(headOf(head).segments.map(({ sk }) => ({ pk: item.pk, sk })))
    }
    return store.put(item, expectedRev)
  },
})
