// What a store, or the way to it, may do wrong: each mutant of this kind is a store around the store.

import { headOf } from '../../../lib/state/items/head.ts'
import { headKey } from '../../../lib/state/items/names.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'

export const isProgress = ({ sk }: Item): boolean => sk === 'progress'
export const isHead = ({ sk }: Item): boolean => sk === 'head'

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
  exchange: (added, removed) => store.exchange(added, removed).catch(() => undefined),
})

/** Segments are sent after the head that names them. */
export function headBeforeSegments(store: StateStore): StateStore {
  const waiting: Item[] = []
  return {
    ...store,
    exchange: async (added, removed) => {
      waiting.push(...added)
      if (removed.length > 0) await store.exchange([], removed)
    },
    put: async (item, expectedRev) => {
      const outcome = await store.put(item, expectedRev)
      await store.exchange(waiting.splice(0), [])
      return outcome
    },
  }
}

/** What a snapshot is to replace is removed before the head that names the snapshot. */
export const removesBeforeHead = (store: StateStore): StateStore => ({
  ...store,
  exchange: async (added, removed) => {
    const snapshot = added.find(({ sk }) => sk.startsWith('snap#'))
    const head = snapshot === undefined ? undefined : await store.get(headKey(snapshot.pk))
    const replaced = head === undefined ? [] : headOf(head).segments.map(({ sk }) => ({ pk: head.pk, sk }))
    await store.exchange(added, [...removed, ...replaced])
  },
})
