// Orders of the steps that the protocol does not have, composed of the very steps that are deployed.

import { noBound } from '../../../lib/state/items/head.ts'
import { shardKeys } from '../../../lib/state/items/names.ts'
import { applyBatch, commitBatch, foldBatch } from '../../../lib/state/protocol/apply-batch.ts'
import { bind, dueGroups, moveClosed } from '../../../lib/state/protocol/close.ts'
import { lateRowsOf } from '../../../lib/state/protocol/fold/late-rows.ts'
import type { Invocation } from '../../../lib/state/protocol/invocation.ts'
import { shardAtHand } from '../../../lib/state/protocol/log/load.ts'
import type { LateRow, Output } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { outputOf, wholeTable } from '../../../lib/state/protocol/output.ts'
import { openProgress } from '../../../lib/state/protocol/progress/open-progress.ts'
import { readAgain } from '../../../lib/state/protocol/progress/progress-store.ts'
import type { Shard } from '../../../lib/state/shards/shard.ts'
import type { RunBatch } from './mutant.ts'
import { sinkTable } from './sinks.ts'
import type { Rec } from './topic.ts'

const run =
  (steps: (invocation: Invocation, sinks: Parameters<RunBatch>[3]) => Promise<void>): RunBatch =>
  (container, query, batch, sinks, nowMs) => {
    const erased = { query: query as unknown as Invocation['query'], batch: batch as unknown as Invocation['batch'] }
    return steps({ container, store: container.store, ...erased, nowMs, turns: [], shards: new Map() }, sinks)
  }

const write = (sinks: Parameters<RunBatch>[3], output: Output) =>
  sinks.rows(output.mode, sinkTable(output as Output<string[]>))

async function begin(invocation: Invocation, sinks: Parameters<RunBatch>[3]) {
  const { progress: opened } = await openProgress(invocation)
  const folded = await foldBatch(invocation, opened)
  const late = folded.flatMap((part) => part.late) as readonly LateRow<Rec>[]
  const tellLate = async () => (late.length > 0 ? sinks.late(late) : undefined)
  return { opened, folded, tellLate }
}

/** Groups go out as they were before their shards were bound. */
export const emitsBeforeBinding = run(async (invocation, sinks) => {
  const { opened, folded, tellLate } = await begin(invocation, sinks)
  const committed = await commitBatch(invocation, opened, lateRowsOf(folded))
  await tellLate()
  const { watermarkMs, gen } = committed
  if (watermarkMs === null) return write(sinks, outputOf(invocation, committed, []))
  const shards: Shard[] = []
  for (const pk of shardKeys(invocation.query, gen)) shards.push(await shardAtHand(invocation, pk))
  const { closedMs } = await readAgain(invocation.store, invocation.query, gen)
  const output = sinkTable(
    outputOf(invocation, committed, dueGroups(shards, closedMs ?? noBound, watermarkMs)) as Output<string[]>,
  )
  for (const pk of shardKeys(invocation.query, gen)) await bind(invocation, pk, watermarkMs, closedMs ?? noBound)
  await sinks.rows('append', output)
  await moveClosed(invocation, committed, watermarkMs)
})

export const closesThenCommits = run(async (invocation, sinks) => {
  const { opened, folded, tellLate } = await begin(invocation, sinks)
  const late = folded.flatMap((part) => part.late)
  // The watermark the commit will write, before anybody else can know it.
  const planned = invocation.container.rules.advance(opened, invocation.query, invocation.batch, late, invocation.nowMs)
  const { watermarkMs, closedMs, gen } = planned
  const shards: Shard[] = []
  if (watermarkMs !== null)
    for (const pk of shardKeys(invocation.query, gen))
      shards.push(await bind(invocation, pk, watermarkMs, closedMs ?? noBound))
  const output = sinkTable(
    outputOf(invocation, planned, dueGroups(shards, closedMs ?? noBound, watermarkMs ?? noBound)) as Output<string[]>,
  )
  await tellLate()
  await sinks.rows('append', output)
  const committed = await commitBatch(
    invocation,
    await readAgain(invocation.store, invocation.query, gen),
    lateRowsOf(folded),
  )
  await moveClosed(invocation, committed, watermarkMs)
})

export const movesBoundThenEmits: RunBatch = async (container, query, batch, sinks, nowMs) => {
  const applied = await applyBatch(container, query, batch, nowMs)
  if (applied.late.length > 0) await sinks.late(applied.late)
  const output = sinkTable(await applied.output())
  await applied.acknowledge()
  await sinks.rows(query.outputMode, output)
}

export const readsTableThenCommits = run(async (invocation, sinks) => {
  const { opened, folded } = await begin(invocation, sinks)
  const images = await wholeTable(invocation, opened.gen)
  const table = sinkTable(outputOf(invocation, opened, images) as Output<string[]>)
  const committed = await commitBatch(invocation, opened, lateRowsOf(folded))
  await sinks.rows('complete', { ...table, batchId: committed.n })
})

export const tableFromCopies = run(async (invocation, sinks) => {
  const { opened, folded } = await begin(invocation, sinks)
  const committed = await commitBatch(invocation, opened, lateRowsOf(folded))
  const shards: Shard[] = []
  for (const pk of shardKeys(invocation.query, opened.gen)) shards.push(await shardAtHand(invocation, pk))
  const images = shards.flatMap((shard) => Array.from(shard.groups.all(), (image) => ({ image, shard })))
  await write(sinks, outputOf(invocation, committed, images))
  for (const shard of invocation.shards.values()) invocation.container.warm.give(shard)
})
