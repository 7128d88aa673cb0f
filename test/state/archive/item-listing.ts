// A store in memory whose items can be listed, and that dies at a call.
import type { ItemKey, StateStore } from '../../../lib/state/store.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'

export interface ListedStore {
  readonly store: StateStore
  /** Every item, as `pk / sk`. */
  readonly items: () => Promise<readonly string[]>
}

export function listedStore(): ListedStore {
  const store = memoryState()
  const known = new Set<string>()
  const note = ({ pk }: ItemKey) => known.add(pk)
  return {
    store: {
      ...store,
      put: (item, rev) => {
        note(item)
        return store.put(item, rev)
      },
      exchange: (added, removed) => {
        added.forEach(note)
        return store.exchange(added, removed)
      },
    },
    async items() {
      const found: string[] = []
      for (const pk of known) {
        for await (const page of store.range(pk, '!', '~~')) for (const item of page) found.push(`${pk} / ${item.sk}`)
      }
      return found.toSorted()
    },
  }
}

/** Answers no call after so many. @param isDone whether the call that it dies at is carried out */
export function mortal(store: StateStore, lastCall: number, isDone = false): StateStore {
  let calls = 0
  const or = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1
    if (calls <= lastCall) return work()
    if (isDone && calls === lastCall + 1) await work()
    throw new Error('killed')
  }
  return {
    ...store,
    get: (key) => or(() => store.get(key)),
    put: (item, rev) => or(() => store.put(item, rev)),
    exchange: (added, removed) => or(() => store.exchange(added, removed)),
  }
}
