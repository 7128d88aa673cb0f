// What every implementation of the state port must do, as one suite that each of them is run through.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { groupKey } from '../../lib/state/items/layout.ts'
import type { Item, StateStore } from '../../lib/state/store.ts'

export interface StoreUnderTest {
  readonly store: StateStore
  readonly stop: () => Promise<void>
}

export function storeContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of the state port`, () => {
    let store: StateStore
    let stop: () => Promise<void>
    beforeAll(async () => {
      const started = await start()
      store = started.store
      stop = started.stop
    }, 60_000)
    afterAll(() => stop())

    test('an item that was never written is absent', async () => {
      expect(await store.get({ pk: 'none', sk: 'none' })).toBeUndefined()
    })

    test('an item comes back as it was written', async () => {
      const item = anItem({ body: '{"text":"é \\u0000 😀","n":1}', expiresAtSec: 2_000_000_000 })
      expect(await store.put(item, null)).toBe('ok')
      expect(await store.get(item)).toEqual(item)
    })

    test('what must be absent is not written over', async () => {
      const item = anItem({ pk: 'absent' })
      expect(await store.put(item, null)).toBe('ok')
      expect(await store.put({ ...item, rev: 'r2', body: 'other' }, null)).toBe('conflict')
      expect(await store.get(item)).toEqual(item)
    })

    test('only the revision that was read is replaced', async () => {
      const item = anItem({ pk: 'revisions', expiresAtSec: 2_000_000_000 })
      await store.put(item, null)
      const next = { ...item, rev: 'r2', expiresAtSec: null }
      expect(await store.put(next, 'r0')).toBe('conflict')
      expect(await store.put(next, 'r1')).toBe('ok')
      expect(await store.put(next, 'r1')).toBe('conflict')
      expect(await store.get(item)).toEqual(next)
    })

    test('a revision of an item that is gone is a conflict', async () => {
      expect(await store.put(anItem({ pk: 'gone' }), 'r0')).toBe('conflict')
    })

    test('of writers that read the same revision exactly one wins', async () => {
      const item = anItem({ pk: 'race' })
      await store.put(item, null)
      const revs = Array.from({ length: 20 }, (_, writer) => `w${writer}`)
      const outcomes = await Promise.all(revs.map((rev) => store.put({ ...item, rev }, item.rev)))
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
      expect((await store.get(item))?.rev).toBe(revs[outcomes.indexOf('ok')])
    })

    test('a range holds its lower bound and not its upper, of its own partition key only', async () => {
      for (const sk of ['a', 'b', 'c', 'd']) await store.put(anItem({ pk: 'bounds', sk }), null)
      await store.put(anItem({ pk: 'bounds2', sk: 'b' }), null)
      expect(await sortKeys(store, 'bounds', 'b', 'd')).toEqual(['b', 'c'])
      expect(await sortKeys(store, 'bounds', 'bb', 'bc')).toEqual([])
      expect(await sortKeys(store, 'bounds', 'c', 'c')).toEqual([])
      expect(await sortKeys(store, 'bounds', 'd', 'a')).toEqual([])
      expect(await sortKeys(store, 'nothing', 'a', 'z')).toEqual([])
    })

    test('a range is in the order of bytes, also where UTF-16 has another', async () => {
      for (const sk of ['k\uFFFD', 'k😀', 'kz']) await store.put(anItem({ pk: 'order', sk }), null)
      expect(await sortKeys(store, 'order', 'k', 'l')).toEqual(['kz', 'k\uFFFD', 'k😀'])
    })

    test('a range larger than any page comes whole, and with the last write', async () => {
      const sks = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`)
      const body = 'x'.repeat(60_000)
      for (const sk of sks) await store.put(anItem({ pk: 'pages', sk, body }), null)
      await store.put(anItem({ pk: 'pages', sk: 'k39', rev: 'r2', body: 'new' }), 'r1')
      const items: Item[] = []
      for await (const page of store.range('pages', 'k', 'l')) items.push(...page)
      expect(items.map(({ sk }) => sk)).toEqual(sks)
      expect(items.at(-1)?.body).toBe('new')
    })

    test('keys of any length and any text have items of their own', async () => {
      const keys = ['k'.repeat(5000), `${'k'.repeat(4999)}l`, '\uD800', '\uD801', '😀'.repeat(400), '', '#', '~sha256:']
      const items = keys.map((key) =>
        anItem({ ...groupKey('q', 'g', 4, { key, windowEndMs: null }), body: JSON.stringify(key) }),
      )
      for (const item of items) expect(await store.put(item, null)).toBe('ok')
      for (const item of items) expect((await store.get(item))?.body).toBe(item.body)
    })
  })
}

function anItem(given: Partial<Item>): Item {
  return { pk: 'pk', sk: 'sk', rev: 'r1', expiresAtSec: null, body: '{}', ...given }
}

async function sortKeys(store: StateStore, pk: string, fromSk: string, toSk: string): Promise<readonly string[]> {
  const sks: string[] = []
  for await (const page of store.range(pk, fromSk, toSk)) sks.push(...page.map(({ sk }) => sk))
  return sks
}
