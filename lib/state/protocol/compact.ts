// COMPACT: one snapshot of all groups in place of the segments that were there when it began. Appends go on meanwhile, and what
// they add stays named after it, so the two never wait for each other. An error here costs nothing but the work.

import { messageOf } from '../../error.ts'
import type { Head } from '../items/head.ts'
import { headItem } from '../items/head.ts'
import { afterSegments, firstSegment } from '../items/names.ts'
import { packLines } from '../items/segment.ts'
import { liveBytes, namedBytes, type Shard } from '../shards/shard.ts'
import type { RemovedItem } from '../store.ts'
import { putSegments } from './append.ts'
import { write } from './conditional-write.ts'
import type { Invocation } from './invocation.ts'
import { loadShard } from './load.ts'

/** Named bytes may be this many times the live ones. */
const maxOverhead = 5

/**
 * Step 6 of a batch, after everything of it counts: the shards that have grown. What goes wrong here costs nothing but the work,
 * since the next batch finds the shard as large, and tries again: it is a warning, and not the batch's error.
 *
 * @returns by partition key, what is to be said of a compaction that failed
 */
export async function compactShards(
  invocation: Invocation,
  pks: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>()
  for (const pk of pks) {
    const shard = invocation.shards.get(pk)
    if (shard === undefined || !needsCompaction(invocation, shard)) continue
    try {
      await compact(invocation, shard)
    } catch (error) {
      failures.set(pk, `the state of ${pk} was not compacted, which the next batch tries again: ${messageOf(error)}`)
    }
  }
  return failures
}

function needsCompaction({ container }: Invocation, shard: Shard): boolean {
  const { head } = shard
  if (head.segments.length > container.maxSegments) return true
  return head.segments.length > 1 && namedBytes(head) > maxOverhead * liveBytes(shard) + container.slackBytes
}

/** Gives up quietly where another invocation has compacted the shard meanwhile. */
async function compact(invocation: Invocation, began: Shard): Promise<void> {
  const { container, store } = invocation
  const { pk } = began
  const head = began.head
  const old = head.segments
  const pieces = began.groups.rewrite(container.pieceLength).flatMap((text) => packLines(text, container.pieceLength))
  const snapshot = await putSegments(invocation, pk, 'snap', head.epoch + 1, pieces)
  if (snapshot.failed !== undefined) return
  const isOurs = ({ segments }: Head): boolean => segments[0]?.sk === snapshot.segments[0]?.sk
  let shard = began
  for (let tries = 0; tries < container.maxTries; tries += 1) {
    const rev = container.newToken()
    const next: Head = {
      ...shard.head,
      seq: shard.head.seq + 1,
      epoch: shard.head.epoch + 1,
      segments: [...snapshot.segments, ...shard.head.segments.slice(old.length)],
    }
    const written = await write(store, headItem(pk, next, rev), shard.head.rev)
    if (written.kind === 'ok') {
      shard.head = { ...next, rev }
      shard.merged = new Set(next.segments.map(({ sk }) => sk))
      return sweep(invocation, shard, old)
    }
    shard = await loadShard(invocation, pk, shard, written.found)
    // An unclear write that happened after all.
    if (snapshot.segments.length > 0 && isOurs(shard.head)) return sweep(invocation, shard, old)
    if (!container.rules.mayCompact(shard.head, head)) return
  }
}

/** Old segments, and what no head names or ever will: left behind by invocations that died. */
async function sweep({ store, container }: Invocation, { pk, head }: Shard, old: Head['segments']): Promise<void> {
  await store.remove(old.map(({ sk, bytes }) => ({ pk, sk, bytes })))
  // Only orphans need the listing, which reads the whole shard.
  if (head.epoch % container.compactionsPerSweep !== 0) return
  const orphans: RemovedItem[] = []
  for await (const page of store.range(pk, firstSegment, afterSegments)) {
    for (const { sk, body } of page) {
      if (container.rules.isOrphan(head, sk)) orphans.push({ pk, sk, bytes: body.byteLength })
    }
  }
  await store.remove(orphans)
}
