// What a query's operators come to if nothing ever goes wrong: the same operators, driven by what the heads say has been decided.
// Each write of a head says which rows it took in, by which cut, and how far event time has come in its shard; the reference takes
// the same steps over memory, once each. What the store and the sinks have is compared with it.

import { rowId } from '../../../lib/event/located-row.ts'
import type { Located } from '../../../lib/query/chain/stage-operator.ts'
import { emptyHead, type Head, headOf } from '../../../lib/state/items/head.ts'
import { entryLane, isGroupEnd } from '../../../lib/state/items/lane.ts'
import { groupId } from '../../../lib/state/items/names.ts'
import { progressFromItem } from '../../../lib/state/items/progress.ts'
import { type ImageFields, parseImageLine, unpack } from '../../../lib/state/items/segment.ts'
import { windowEndOf } from '../../../lib/state/protocol/fold/fold.ts'
import type { RowGroups } from '../../../lib/state/protocol/operators/group-operator.ts'
import type { RowName } from '../../../lib/state/protocol/operators/row-block.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import { gone } from '../../../lib/state/shards/group-image.ts'
import { GroupTable } from '../../../lib/state/shards/group-table.ts'
import { shardOfKey } from '../../../lib/state/shards/shard-rows.ts'
import { Turn } from '../../../lib/state/shards/turn.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'
import { TextWriter } from '../../../lib/text-writer.ts'
import { Violation } from '../schedule/violation.ts'
import type { ChainQuery } from './chain-query.ts'

export type LocatedTopic = ReadonlyMap<string, readonly Located[]>

export interface Reference {
  readonly store: StateStore
  /** Rows that have come out: their contents by their ids. */
  readonly rows: ReadonlyMap<string, string>
  /** Groups of a last aggregation: their accumulators by their ids, and where they end. */
  readonly groups: ReadonlyMap<string, { readonly text: string; readonly endMs: number }>
  /** Ids of rows that were late. */
  readonly late: ReadonlySet<string>
  readonly watermarkMs: () => number
  readonly violation: () => Violation | null
}

/** A layout that reads the first parts of a line, however many there are. */
const places = Array.from({ length: 20 }, (_, place) => place)
const roomy = { places, owners: places }

export function referenced(store: StateStore, topic: LocatedTopic, query: ChainQuery): Reference {
  const { chain, operator, gives } = query
  if (chain === null) throw new TypeError('the query has no chain')
  const items = new Map<string, Item>()
  const heads = new Map<number, Head>()
  const tables = new Map<number, GroupTable>()
  const rows = new Map<string, string>()
  const groups = new Map<string, { text: string; endMs: number }>()
  const late = new Set<string>()
  let violation: Violation | null = null
  let watermarkMs = Number.NEGATIVE_INFINITY

  const tableOf = (shard: number): GroupTable => {
    const table = tables.get(shard) ?? new GroupTable(operator as never, chain as never)
    tables.set(shard, table)
    return table
  }
  const isIn = (shard: number, row: Located): boolean =>
    query.shards === 1 || shardOfKey(String(keyOf(row)), query.shards) === shard
  const found: RowGroups = { endsMs: [], lookups: [] }
  const keyOf = (row: Located): string => {
    chain.routing.groupsOf(row, found)
    return chain.routing.keyText(found.lookups[0] ?? null)
  }

  /** One head after another: what has happened between them. */
  function follow(shard: number, before: Head, after: Head): void {
    for (const [tp, offset] of before.applied) {
      if ((after.applied.get(tp) ?? 0) < offset) throw new Violation('I6', `applied of ${tp} fell`)
    }
    if (after.boundMs < before.boundMs || after.closedMs < before.closedMs || after.seq <= before.seq) {
      throw new Violation('I6', 'the bound, closed or seq fell')
    }
    const table = tableOf(shard)
    const turn = new Turn(table)
    const emit = (row: Located, given: RowName): void => {
      if (gives === 'rows') {
        const id = typeof given === 'string' ? given : rowId(row.at)
        const text = JSON.stringify(row.row)
        if (rows.has(id)) throw new Violation('I1', `${id} came out twice: {${rows.get(id)}}, {${text}}`)
        rows.set(id, text)
        return
      }
      const count = operator.groupsOf(row, found)
      for (let g = 0; g < count; g += 1) {
        const image = table.findOrAdd(found.endsMs[g] ?? 0, found.lookups[g] ?? null)
        image.acc = operator.add(table.accOf(image), row, row.at)
        const name = { key: operator.keyText(image.lookup), windowEndMs: windowEndOf(image.endMs) }
        groups.set(groupId(name), { text: textOf(image.acc), endMs: image.endMs })
      }
    }
    if (after.boundMs > before.boundMs) chain?.advance(after.boundMs, turn, emit)
    let isTicked = false
    for (const [tp, located] of topic) {
      for (const row of located) {
        const { offset } = row.at
        if (offset < (before.applied.get(tp) ?? 0) || offset >= (after.applied.get(tp) ?? 0)) continue
        if (!isIn(shard, row)) continue
        if (!isTicked) chain?.tick(0, turn, emit, after.boundMs)
        isTicked = true
        const cutMs = protocolRules.cutOf(after, tp, offset, 'append')
        if (chain?.lateFor(row, tp, cutMs) != null) late.add(`${tp}:${offset}`)
        else chain?.apply(row, row.at, turn, emit)
      }
    }
    const lines = linesOf(turn)
    table.confirm(turn.changed, lines.text, lines.ends, 0)
    compare(shard, after)
  }

  /** Writes what a turn of the reference has changed as a log would have it. */
  function linesOf(turn: Turn): { text: string; ends: number[] } {
    let text = ''
    const ends: number[] = []
    for (const image of turn.changed) {
      const slot = Number(String(image.lookup).split(':')[0])
      text += image.acc === gone ? '\n' : `${entryText(slot, image.acc)}\n`
      ends.push(text.length)
    }
    return { text, ends }
  }

  const textOf = (acc: unknown): string => {
    const out = new TextWriter()
    operator.write(acc as never, out)
    return out.finish()
  }
  /** The kept texts without the parts that a later version has added behind those of the reference. */
  const ownText = (slot: number, acc: string): string => entryText(slot, chain.decode(slot, acc, [roomy, roomy]))
  const entryText = (slot: number, value: unknown): string => {
    const out = new TextWriter()
    chain?.write(slot, value, out)
    return out.finish()
  }

  /** What the operators keep in the store is what the reference keeps. */
  function compare(shard: number, head: Head): void {
    const state = new Map<string, ImageFields>()
    const parts = head.segments.map(({ sk }) => {
      const segment = [...items.values()].find((item) => item.sk === sk && item.pk.endsWith(`#${shard}`))
      if (segment === undefined) throw new Violation('I8', `the head of shard ${shard} names ${sk}, which is not there`)
      return segment.body
    })
    for (const part of [...parts, ...head.tail]) {
      for (const line of unpack(part).split('\n').slice(0, -1)) {
        const image = parseImageLine(line)
        if (image.endMs !== entryLane) {
          if (isGroupEnd(image.endMs) && gives === 'groups') compareGroup(image, head)
          continue
        }
        if (image.acc === '') state.delete(image.key)
        else state.set(image.key, image)
      }
    }
    const kept = tableOf(shard)
    const known = new Map(Array.from(kept.lane(entryLane), (image) => [String(image.lookup), image]))
    for (const [key, { acc }] of state) {
      const image = known.get(key)
      if (image === undefined) throw new Violation('I1', `${key} {${acc}} is kept, and should not be`)
      const wanted = entryText(Number(key.split(':')[0]), kept.accOf(image))
      const own = ownText(Number(key.split(':')[0]), acc)
      if (wanted !== own) throw new Violation('I1', `${key} is {${own}}, should be {${wanted}}`)
    }
    for (const key of known.keys()) if (!state.has(key)) throw new Violation('I1', `${key} is not kept, and should be`)
  }

  /** The newest line of a group is what the reference has; older ones are passed over by their versions. */
  function compareGroup(image: ImageFields, head: Head): void {
    if (image.version !== head.seq) return
    const id = groupId({ key: image.key, windowEndMs: windowEndOf(image.endMs) })
    const wanted = groups.get(id)?.text
    if (wanted !== image.acc) throw new Violation('I1', `${id} is {${image.acc}}, should be {${wanted}}`)
  }

  function watch(item: Item): void {
    items.set(`${item.pk}|${item.sk}`, item)
    if (item.sk === 'progress') watermarkMs = progressFromItem(item).watermarkMs ?? watermarkMs
    if (item.sk !== 'head' || violation !== null) return
    const shard = Number(item.pk.split('#').at(-1))
    const after = headOf(item)
    try {
      follow(shard, heads.get(shard) ?? emptyHead, after)
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      violation = error
    }
    heads.set(shard, after)
  }

  return {
    store: {
      ...store,
      get: (key) => store.get(key),
      range: (pk, fromSk, toSk) => store.range(pk, fromSk, toSk),
      async put(item, expectedRev) {
        const outcome = await store.put(item, expectedRev)
        if (outcome.kind === 'ok') watch(item)
        return outcome
      },
      async exchange(added, removed) {
        await store.exchange(added, removed)
        for (const item of added) items.set(`${item.pk}|${item.sk}`, item)
        for (const { pk, sk } of removed) items.delete(`${pk}|${sk}`)
      },
      close: () => store.close(),
    },
    rows,
    groups,
    late,
    watermarkMs: () => watermarkMs,
    violation: () => violation,
  }
}
