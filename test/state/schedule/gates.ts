// Every store and sink operation of every invocation waits at a gate until the schedule lets it through, loses its answer,
// refuses it, or forgets it for ever. One operation is one step. Nothing here knows what an operation means.

import type { Item, ItemKey, StateStore } from '../../../lib/state/store.ts'
import type { Emission } from '../emission.ts'
import type { Rec } from './topic.ts'

export type OperationKind = 'read' | 'write' | 'sink'

export interface Operation {
  readonly owner: number
  readonly kind: OperationKind
  readonly label: string
  /** Happens and is answered. */
  pass(): Promise<void>
  /** Happens; the answer is lost. */
  lose(): Promise<void>
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
          await run()
          reject(new Error(`the answer was lost: ${label}`))
        },
        refuse: () => {
          done()
          reject(new Error(`refused: ${label}`))
        },
        delay: () => {
          done()
          reject(new Error(`timed out: ${label}`))
          return async () => {
            await run()
          }
        },
      }
      this.#waiting.add(operation)
    })
  }
}

const where = ({ pk, sk }: ItemKey): string => (sk === 'progress' ? 'progress' : `${pk.split('#').at(-1)}/${sk}`)

export function gatedStore(store: StateStore, gates: Gates, owner: number): StateStore {
  return {
    isShared: store.isShared,
    get: (key) => gates.enter(owner, 'read', `get ${where(key)}`, () => store.get(key)),
    put: (item, rev) => gates.enter(owner, 'write', `put ${where(item)}`, () => store.put(item, rev)),
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

export function gatedEmission(emission: Emission<Rec>, gates: Gates, owner: number): Emission<Rec> {
  return {
    late: (rows) => gates.enter(owner, 'sink', `late x${rows.length}`, () => emission.late(rows)),
    deadLetters: () => gates.enter(owner, 'sink', 'dead letters', () => emission.deadLetters()),
    rows: (output) =>
      gates.enter(owner, 'sink', `${output.mode} n=${output.batchId} x${output.rows.length}`, () =>
        emission.rows(output),
      ),
  }
}
