// COMPACT: one snapshot of all groups in place of the segments that were there when it began. Appends go on meanwhile, and what
// they add stays named after it, so the two never wait for each other. An error here costs nothing but the work. Where nobody else
// appends, an append has done it by the way (append.ts).

import { messageOf } from '../../../error.ts'
import { type Head, headItem } from '../../items/head.ts'
import { afterSegments, firstSegment } from '../../items/names.ts'
import { packLines } from '../../items/segment.ts'
import type { Shard } from '../../shards/shard.ts'
import type { RemovedItem } from '../../store.ts'
import { layoutOf } from '../evolution/kept-layout.ts'
import type { Invocation } from '../invocation.ts'
import { isOverLimits } from './compaction-limits.ts'
import { write } from './conditional-write.ts'
import { loadShard } from './load.ts'
import { leave, putSegments, removeLeftovers } from './segments.ts'

/** A shard that a batch has appended to, or had nothing to append to. */
export interface Worked {
  readonly shard: Pick<Shard, 'pk'>
  /** By its append. */
  readonly isCompacted: boolean
}

/**
 * Step 6 of a batch, after everything of it counts: the shards that have grown. What goes wrong here costs nothing but the work,
 * since the next batch finds the shard as large, and tries again: it is a warning, and not the batch's error.
 *
 * @returns by partition key, what is to be said of a compaction that failed
 */
export async function compactShards(
  invocation: Invocation,
  worked: readonly Worked[],
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>()
  for (const { shard, isCompacted } of worked) {
    const { pk } = shard
    try {
      await tidy(invocation, invocation.shards.get(pk), isCompacted)
    } catch (error) {
      failures.set(pk, `the state of ${pk} was not compacted, which the next batch tries again: ${messageOf(error)}`)
    }
  }
  return failures
}

async function tidy(invocation: Invocation, shard: Shard | undefined, isCompacted: boolean): Promise<void> {
  if (shard === undefined) return
  // Where nobody else appends, the next append does it by the way.
  if (shard.isContended && isOverLimits(invocation.container, shard)) await compact(invocation, shard)
  else if (isCompacted) await sweep(invocation, shard)
  // What was changed is in the head, so there was no call that they could have gone by.
  else if (shard.leftovers.length > 0 && shard.head.tail.length > 0) await removeLeftovers(invocation, shard)
}

/** Gives up quietly where another invocation has compacted the shard meanwhile. */
async function compact(invocation: Invocation, began: Shard): Promise<void> {
  const { container, store, query } = invocation
  const { pk } = began
  const head = began.head
  const old = head.segments
  const pieces = began.groups.rewrite(container.pieceLength).flatMap((text) => packLines(text, container.pieceLength))
  const snapshot = await putSegments(invocation, began, 'snap', head.epoch + 1, pieces)
  if (snapshot.failed !== undefined) {
    began.mayHaveOrphans = true
    throw snapshot.failed.cause
  }
  const isOurs = ({ segments }: Head): boolean => segments[0]?.sk === snapshot.segments[0]?.sk
  let shard = began
  for (let tries = 0; tries < container.maxTries; tries += 1) {
    const rev = container.newToken()
    const next: Head = {
      ...shard.head,
      seq: shard.head.seq + 1,
      epoch: shard.head.epoch + 1,
      evolution: layoutOf(query).evolution,
      segments: [...snapshot.segments, ...shard.head.segments.slice(old.length)],
    }
    const written = await write(store, headItem(pk, next, rev), shard.head.rev)
    if (written.kind === 'ok') {
      shard.head = { ...next, rev }
      shard.merged = new Set(next.segments.map(({ sk }) => sk))
      leave(shard, old)
      return sweep(invocation, shard)
    }
    if (written.kind === 'unclear') shard.mayHaveOrphans = true
    shard = await loadShard(invocation, pk, shard, written.found)
    // An unclear write that happened after all.
    if (snapshot.segments.length > 0 && isOurs(shard.head)) {
      leave(shard, old)
      return sweep(invocation, shard)
    }
    if (!container.rules.mayCompact(shard.head, head)) {
      shard.mayHaveOrphans = true
      return
    }
  }
}

/** After a compaction: what no head names or ever will, left behind by invocations that died. */
async function sweep({ store, container }: Invocation, shard: Shard): Promise<void> {
  const { pk, head } = shard
  // The listing reads the whole shard, so whoever has had it all the time, and knows what became of each write, spares it.
  if (!shard.mayHaveOrphans || head.epoch % container.compactionsPerSweep !== 0) return
  const orphans: RemovedItem[] = []
  for await (const page of store.range(pk, firstSegment, afterSegments)) {
    for (const { sk, body } of page) {
      if (container.rules.isOrphan(head, sk)) orphans.push({ pk, sk, bytes: body.byteLength })
    }
  }
  await store.exchange([], orphans)
  shard.leftovers = []
  shard.mayHaveOrphans = false
}
