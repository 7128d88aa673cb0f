// Which version of a query a container has, and what the driver is told of a version that is over.

import { MicrobatchError } from '../../../lib/error.ts'
import type { WarmShards } from '../../../lib/state/shards/warm-shards.ts'
import type { Random } from '../schedule/random.ts'

/**
 * Whether a container has the later version: it has the newest one when it started, or now and then the one before.
 * @param deployedAt how many batches begin before the later version is there; 0: it never is
 */
export function versions(deployedAt: number, random: Random): (warm: WarmShards) => boolean {
  const share = deployedAt === 0 ? 0 : random.pick([0.3, 0.7, 1])
  const isLater = new Map<WarmShards, boolean>()
  let begun = 0
  return (warm) => {
    if (deployedAt === 0) return false
    begun += 1
    const known = isLater.get(warm) ?? (begun > deployedAt && random.chance(share))
    isLater.set(warm, known)
    return known
  }
}

/** The driver takes a refusal for damage; that of a version which another has followed is none. */
export function asRefusal(error: unknown): never {
  if (error instanceof MicrobatchError && error.message.includes("is another query's")) {
    throw new Error('refused: another version has taken over')
  }
  throw error
}
