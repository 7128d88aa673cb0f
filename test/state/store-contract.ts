// What every implementation of the state port must do, as one suite that each of them is run through.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Item, PutOutcome, StateStore } from '../../lib/state/store.ts'

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
      const item = anItem({ body: Buffer.from([0, 1, 255, 10, 0xc3, 0x28]) })
      expect(await store.put(item, null)).toEqual({ kind: 'ok' })
      expect(await store.get(item)).toEqual(item)
    })

    test('what must be absent is not written over', async () => {
      const item = anItem({ pk: 'absent' })
      expect(await store.put(item, null)).toEqual({ kind: 'ok' })
      const refused = await store.put({ ...item, rev: 'r2', body: Buffer.from('other') }, null)
      expectConflict(refused, item)
      expect(await store.get(item)).toEqual(item)
    })

    test('only the revision that was read is replaced', async () => {
      const item = anItem({ pk: 'revisions' })
      await store.put(item, null)
      const next = { ...item, rev: 'r2' }
      expectConflict(await store.put(next, 'r0'), item)
      expect(await store.put(next, 'r1')).toEqual({ kind: 'ok' })
      expectConflict(await store.put(next, 'r1'), next)
      expect(await store.get(item)).toEqual(next)
    })

    test('a revision of an item that is not there is a conflict', async () => {
      expectConflict(await store.put(anItem({ pk: 'gone' }), 'r0'), null)
    })

    test('of writers that read the same revision exactly one wins', async () => {
      const item = anItem({ pk: 'race' })
      await store.put(item, null)
      const revs = Array.from({ length: 20 }, (_, writer) => `w${writer}`)
      const outcomes = await Promise.all(revs.map((rev) => store.put({ ...item, rev }, item.rev)))
      expect(outcomes.filter(({ kind }) => kind === 'ok')).toHaveLength(1)
      expect((await store.get(item))?.rev).toBe(revs[outcomes.findIndex(({ kind }) => kind === 'ok')])
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
      const body = Buffer.alloc(60_000, 'x')
      for (const sk of sks) await store.put(anItem({ pk: 'pages', sk, body }), null)
      await store.put(anItem({ pk: 'pages', sk: 'k39', rev: 'r2', body: Buffer.from('new') }), 'r1')
      const items: Item[] = []
      for await (const page of store.range('pages', 'k', 'l')) items.push(...page)
      expect(items.map(({ sk }) => sk)).toEqual(sks)
      expect(items.at(-1)?.body).toEqual(Buffer.from('new'))
    })

    test('what is removed is absent, may be removed again, and the rest stays', async () => {
      const sks = Array.from({ length: 60 }, (_, index) => `s${String(index).padStart(2, '0')}`)
      for (const sk of sks) await store.put(anItem({ pk: 'removed', sk }), null)
      const removed = sks.slice(0, 55).map((sk) => ({ pk: 'removed', sk, bytes: 100 }))
      await store.exchange([], removed)
      await store.exchange([], [...removed, { pk: 'nowhere', sk: 'nothing' }])
      await store.exchange([], [])
      expect(await sortKeys(store, 'removed', 's', 't')).toEqual(sks.slice(55))
      expect(await store.put(anItem({ pk: 'removed', sk: 's00', rev: 'again' }), null)).toEqual({ kind: 'ok' })
    })

    test('an exchange writes some items and removes others, more than go into one call', async () => {
      const named = (name: string, count: number) =>
        Array.from({ length: count }, (_, i) => anItem({ pk: 'exchange', sk: `${name}${String(i).padStart(2, '0')}` }))
      const old = named('old', 40)
      const added = named('new', 30)
      await store.exchange(old, [])
      await store.exchange(added, old)
      expect(await sortKeys(store, 'exchange', 'a', 'z')).toEqual(added.map(({ sk }) => sk))
      expect(await store.get({ pk: 'exchange', sk: 'new29' })).toEqual(added[29])
    })

    test('an item beyond what one may hold is not exchanged, and says so', async () => {
      const large = anItem({ pk: 'large', body: Buffer.alloc(400 * 1024) })
      await expect(store.exchange([large], [])).rejects.toMatchObject({ code: 'STATE_TOO_LARGE' })
      expect(await store.get(large)).toBeUndefined()
    })
  })
}

function anItem(given: Partial<Item>): Item {
  return { pk: 'pk', sk: 'sk', rev: 'r1', body: Buffer.from('{}'), ...given }
}

/** A store may leave out what stands there; what it says is right. */
function expectConflict(outcome: PutOutcome, there: Item | null): void {
  expect(outcome.kind).toBe('conflict')
  if (outcome.kind === 'conflict' && outcome.found !== undefined) expect(outcome.found).toEqual(there)
}

async function sortKeys(store: StateStore, pk: string, fromSk: string, toSk: string): Promise<readonly string[]> {
  const sks: string[] = []
  for await (const page of store.range(pk, fromSk, toSk)) sks.push(...page.map(({ sk }) => sk))
  return sks
}
