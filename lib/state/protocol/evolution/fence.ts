// A shard is taken from the version before by the first head that the later one writes. Where all that is kept is to come out once,
// every shard is taken first: a batch of the version before that folds beside it would change a group after its row was read.

import type { Shard } from '../../shards/shard.ts'
import type { Invocation } from '../invocation.ts'
import { append } from '../log/append.ts'
import { untilSettled } from '../log/conditional-write.ts'
import { loadShard } from '../log/load.ts'
import { layoutOf } from './kept-layout.ts'

/** A shard as the store has it, and which no version before this one writes any more. @param copy what is at hand */
export async function fencedShard(invocation: Invocation, pk: string, copy?: Shard): Promise<Shard> {
  const { container, query } = invocation
  let shard = await loadShard(invocation, pk, copy)
  return untilSettled(container, `The state of ${pk}`, async () => {
    if (!container.rules.mustFence(shard.head, layoutOf(query).evolution)) return { result: shard }
    const appended = await append(invocation, shard, {}, [])
    if (appended.kind === 'ok') return { result: shard }
    shard = await loadShard(invocation, pk, shard, appended.found)
    return { again: appended.cause }
  })
}
