// Every store and sink operation of every invocation waits at a gate until the schedule lets it through, loses its answer,
// refuses it, or forgets it for ever. One operation is one step. Nothing here knows what an operation means.

import type { Item, ItemKey, StateStore } from '../../../lib/state/store.ts'

export type OperationKind = 'read' | 'write' | 'sink'

export interface Operation {
  readonly owner: number
  readonly kind: OperationKind
  readonly label: string
  /** Happens and is answered. */
  pass(): Promise<void>
  /** Happens; the answer is lost. */
  lose(): Promise<void>
  /** Happens; the answer is lost, and the store's client tries again by itself, as a later step. */
  repeat(): Promise<void>
  isRepeated(): boolean
  /** Does not happen, and says so. */
  refuse(): void
  /** Is reported as failed now; call the returned function to let it happen after all. */
  delay(): () => Promise<void>
}

export class Gates {
  readonly #waiting = new Set<Operation>()

  of(isWanted: (owner: number) => boolean): readonly Operation[] {
    return [...this.#waiting].filter(({ owner }) => isWanted(owner))
  }

  /** The operations of a killed invocation: nobody waits for them any more. */
  drop(owner: number): readonly Operation[] {
    const dropped = this.of((other) => other === owner)
    for (const operation of dropped) this.#waiting.delete(operation)
    return dropped
  }

  enter<T>(owner: number, kind: OperationKind, label: string, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const done = (): boolean => this.#waiting.delete(operation)
      let tries = 0
      const operation: Operation = {
        owner,
        kind,
        label,
        pass: async () => {
          done()
          await run().then(resolve, reject)
        },
        lose: async () => {
          done()
          await run().catch(() => undefined)
          reject(new Error(`the answer was lost: ${label}`))
        },
        isRepeated: () => tries > 0,
        // It stays at the gate, but where the second try was answered.
        repeat: async () => {
          tries += 1
          await run().catch((error) => {
            done()
            reject(error)
          })
        },
        refuse: () => {
          done()
          reject(new Error(`refused: ${label}`))
        },
        delay: () => {
          done()
          reject(new Error(`timed out: ${label}`))
          return async () => {
            // Nobody listens any more, also not to what a second try is refused with.
            await run().catch(() => undefined)
          }
        },
      }
      this.#waiting.add(operation)
    })
  }
}

const where = ({ pk, sk }: ItemKey): string => (sk === 'progress' ? 'progress' : `${pk.split('#').at(-1)}/${sk}`)

/** @param trustsRefusals a put that is refused after an earlier try of the client's own counts as surely not written */
export function gatedStore(store: StateStore, gates: Gates, owner: number, trustsRefusals = false): StateStore {
  return {
    isShared: store.isShared,
    get: (key) => gates.enter(owner, 'read', `get ${where(key)}`, () => store.get(key)),
    put: (item, rev) => {
      let tries = 0
      return gates.enter(owner, 'write', `put ${where(item)}`, async () => {
        tries += 1
        const outcome = await store.put(item, rev)
        const isSure = tries === 1 || trustsRefusals || outcome.kind === 'ok' || outcome.found?.rev === item.rev
        if (!isSure) throw new Error(`refused, after an earlier try: ${where(item)}`)
        return outcome
      })
    },
    // One call, and yet each item by itself: any part of them may have happened when it fails.
    exchange: async (added, removed) => {
      for (const key of removed)
        await gates.enter(owner, 'write', `remove ${where(key)}`, () => store.exchange([], [key]))
      for (const item of added)
        await gates.enter(owner, 'write', `add ${where(item)}`, () => store.exchange([item], []))
    },
    async *range(pk, fromSk, toSk): AsyncIterable<readonly Item[]> {
      const pages = store.range(pk, fromSk, toSk)[Symbol.asyncIterator]()
      for (;;) {
        const page = await gates.enter(owner, 'read', `range ${pk.split('#').at(-1)} ${fromSk}..${toSk}`, () =>
          pages.next(),
        )
        if (page.done) return
        yield page.value
      }
    },
    close: () => store.close(),
  }
}
