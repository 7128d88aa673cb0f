// The state of a query for whoever only asks: its progress, then the shards that are wanted, each as one append after another has left
// it. What was read stays, so that a later question costs the head and the segments that are new. It writes nothing, and takes
// nothing from the containers that do.

import { MicrobatchError } from '../../error.ts'
import { shardKey } from '../items/names.ts'
import type { Progress } from '../items/progress.ts'
import { layoutOf } from '../protocol/evolution/kept-layout.ts'
import { readShard } from '../protocol/log/read-shard.ts'
import type { LastingQuery } from '../protocol/operators/stateful-query.ts'
import { readProgress } from '../protocol/progress/progress-store.ts'
import type { Shard } from '../shards/shard.ts'
import { WarmShards } from '../shards/warm-shards.ts'
import type { StateStore } from '../store.ts'
import { LatestRead } from './latest-read.ts'

/** One look at the state: the shards are read when they are asked for, and are never older than the progress. */
export interface StateLook {
  readonly progress: Progress
  /** How many shards the state has. */
  readonly shards: number
  /**
   * @param take is called in one turn with a shard that holds whole appends; it may keep nothing of it, since it changes afterwards
   * @throws MicrobatchError STATE_CONFLICT where the state was reset since the look began; STATE_FAILED
   */
  take<T>(shard: number, take: (shard: Shard) => T): Promise<T>
}

/** How often a question is asked again because the state was reset under it. */
const maxTries = 5

export class StateReader {
  readonly #store: Pick<StateStore, 'get'>
  readonly #name: string
  readonly #queryOf: (progress: Progress) => LastingQuery
  readonly #maxBytes: number | undefined
  #warm: WarmShards
  readonly #progress: LatestRead<Progress | undefined>
  readonly #shards = new Map<string, LatestRead<Shard>>()
  /** What the copies in memory are of: the generation, and how lines are read and dropped. */
  #life = ''

  /**
   * @param name of the query
   * @param queryOf the query as it reads what is kept; throws where it cannot
   * @param maxBytes memory for shards that stay, an estimate; those not asked for longest are read again
   */
  constructor(store: StateStore, name: string, queryOf: (progress: Progress) => LastingQuery, maxBytes?: number) {
    this.#store = store
    this.#name = name
    this.#queryOf = queryOf
    this.#maxBytes = maxBytes
    this.#warm = new WarmShards(maxBytes)
    this.#progress = new LatestRead(() => readProgress(store, name))
  }

  /** @returns null before the first batch has been committed @throws MicrobatchError STATE_INCOMPATIBLE, STATE_FAILED */
  async look(): Promise<StateLook | null> {
    const progress = await this.#progress.read()
    if (progress === undefined || progress.n === 0) return null
    const query = this.#queryOf(progress)
    const { evolution, key, owesTable } = layoutOf(query)
    this.#keepOnly([progress.gen, query.outputMode, evolution, owesTable, key].join(' '))
    return {
      progress,
      shards: Number(progress.fingerprint.get('shards') ?? 1),
      take: async (shard, take) => {
        const read = await this.#shard(query, progress.gen, shard)
          .read()
          .catch((error: Error) => error)
        // Nobody has written it, or a reset has removed it, or half of it.
        if (read instanceof Error || read.head.rev === null) await this.#requireGen(progress.gen)
        if (read instanceof Error) throw read
        return take(read)
      },
    }
  }

  /**
   * Asks a question, once more where the state was reset under it.
   * @returns null before the first batch has been committed
   */
  async ask<T>(question: (look: StateLook) => Promise<T>): Promise<T | null> {
    for (let tries = 1; ; tries += 1) {
      const look = await this.look()
      if (look === null) return null
      try {
        return await question(look)
      } catch (error) {
        const isReset = error instanceof MicrobatchError && error.code === 'STATE_CONFLICT'
        if (!isReset || tries >= maxTries) throw error
      }
    }
  }

  #shard(query: LastingQuery, gen: string, shard: number): LatestRead<Shard> {
    const pk = shardKey(this.#name, gen, shard)
    let read = this.#shards.get(pk)
    if (read === undefined) {
      const warm = this.#warm
      read = new LatestRead(async () => {
        const source = { store: this.#store, query }
        // What fails on the way may leave half of a segment in the copy, which is not given back then.
        const found = await readShard(source, pk, warm.take(pk))
        warm.give(found)
        return found
      })
      this.#shards.set(pk, read)
    }
    return read
  }

  async #requireGen(gen: string): Promise<void> {
    if ((await this.#progress.read())?.gen === gen) return
    throw new MicrobatchError(
      'STATE_CONFLICT',
      `The state of query "${this.#name}" was reset while it was read. Ask again: the new state answers.`,
    )
  }

  #keepOnly(life: string): void {
    if (life === this.#life) return
    this.#life = life
    this.#warm = new WarmShards(this.#maxBytes)
    this.#shards.clear()
  }
}
