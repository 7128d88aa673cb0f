// Shards that a container keeps between invocations: they save reading the log again. An invocation takes a shard out and gives
// it back only after a confirmed write or read, so that two invocations of one container (one of them given up by Lambda or by
// middleware, and running on) never fold into the same groups. A copy may be old: the conditional write of the head tells.

import type { Shard } from './shard.ts'

const defaultBytes = 256 * 1024 * 1024

export class WarmShards {
  readonly #maxBytes: number
  /** By partition key, the one not used longest first. */
  readonly #shards = new Map<string, Shard>()

  constructor(maxBytes = defaultBytes) {
    this.#maxBytes = maxBytes
  }

  take(pk: string): Shard | undefined {
    const shard = this.#shards.get(pk)
    this.#shards.delete(pk)
    return shard
  }

  /** Keeps a shard, unless a newer copy came back meanwhile. */
  give(shard: Shard): void {
    const other = this.#shards.get(shard.pk)
    this.#shards.delete(shard.pk)
    this.#shards.set(shard.pk, other !== undefined && other.head.seq > shard.head.seq ? other : shard)
    let bytes = this.bytes
    for (const [pk, { groups }] of this.#shards) {
      if (bytes <= this.#maxBytes) break
      bytes -= groups.bytes
      this.#shards.delete(pk)
    }
  }

  /** An estimate of the memory. */
  get bytes(): number {
    let bytes = 0
    for (const { groups } of this.#shards.values()) bytes += groups.bytes
    return bytes
  }

  /** Drops what belongs to another generation. @param prefix of the partition keys that stay */
  keepOnly(prefix: string): void {
    for (const pk of this.#shards.keys()) if (!pk.startsWith(prefix)) this.#shards.delete(pk)
  }
}
