// The store underneath a schedule, watched by somebody who sees everything: at each write of a head the whole shard is built
// from what is in the store and compared with all that was ever there; at each write of progress, what it has passed.

import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { emptyHead, type Head, headOf } from '../../../lib/state/items/head.ts'
import { groupId } from '../../../lib/state/items/names.ts'
import { type Progress, progressFromItem } from '../../../lib/state/items/progress.ts'
import { type ImageFields, parseImageLine, unpack } from '../../../lib/state/items/segment.ts'
import { windowEndOf } from '../../../lib/state/protocol/fold/fold.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import { shardOfKey } from '../../../lib/state/shards/shard-rows.ts'
import type { Item, StateStore } from '../../../lib/state/store.ts'
import { compareAdded } from './added-parts.ts'
import { groupsOf, pairOf, type Rec, recordId, rowsOf, type Shape, type Topic } from './topic.ts'
import { Violation } from './violation.ts'

export interface Routed extends Shape {
  readonly mode: OutputMode
  /** Whether versions of the query in another mode write, too. */
  readonly hasModes?: boolean
  readonly shards: number
  readonly routing: 'hash' | 'partition'
}

export interface Observer {
  readonly store: StateStore
  readonly progress: () => Progress | undefined
  /** The last content of every group that ever was. */
  readonly groups: ReadonlyMap<string, ImageFields>
  /** `record @ group` of all that heads have decided to be late. */
  readonly late: ReadonlySet<string>
  /** Kept, because the protocol would take an error in a write for a lost answer. */
  readonly violation: () => Violation | null
  /** Segments in the store, and how many of them heads name. */
  readonly segments: () => { readonly stored: number; readonly named: number }
}

const never = Number.NEGATIVE_INFINITY

export function observedStore(store: StateStore, topic: Topic, shape: Routed): Observer {
  const items = new Map<string, Item>()
  const heads = new Map<number, Head>()
  const groups = new Map<string, ImageFields>()
  const live = new Map<number, Set<string>>()
  const late = new Set<string>()
  /** By evolution: the mode of the version that writes. */
  const modes = new Map<number, OutputMode>()
  const modeOf = ({ evolution }: Head): OutputMode =>
    shape.hasModes === true ? (modes.get(evolution) ?? shape.mode) : shape.mode
  let progress: Progress | undefined
  let violation: Violation | null = null
  const id = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string => `${pk}|${sk}`
  const shardOf = (key: string, { partition }: Rec): number =>
    shape.routing === 'partition' ? partition % shape.shards : shape.shards === 1 ? 0 : shardOfKey(key, shape.shards)

  /** Pairs of this shard that the head has decided: late by its cuts, or in its groups. */
  function noteLate(shard: number, before: Head, after: Head): void {
    for (const [tp, records] of topic) {
      for (const record of records.slice(before.applied.get(tp) ?? 0, after.applied.get(tp) ?? 0)) {
        const cutMs = protocolRules.cutOf(after, tp, record.offset, shape.mode)
        for (const group of groupsOf(record, shape)) {
          if (shardOf(group.key, record) === shard && (group.windowEndMs ?? Infinity) <= cutMs)
            late.add(pairOf(record, group))
        }
      }
    }
  }

  function watchHead(shard: number, before: Head, after: Head): void {
    for (const [tp, offset] of before.applied) {
      if ((after.applied.get(tp) ?? 0) < offset) throw new Violation('I6', `applied of ${tp} in shard ${shard} fell`)
    }
    if (after.evolution < before.evolution)
      throw new Violation('E1', `a version wrote shard ${shard} that was taken over`)
    if (after.boundMs < before.boundMs || after.closedMs < before.closedMs || after.seq <= before.seq)
      throw new Violation('I6', `the bound, closed or seq of shard ${shard} fell`)
    const state = new Map<string, ImageFields>()
    const parts = after.segments.map(({ sk }) => {
      const segment = [...items.values()].find((item) => item.sk === sk && item.pk.endsWith(`#${shard}`))
      if (segment === undefined) throw new Violation('I8', `the head of shard ${shard} names ${sk}, which is not there`)
      return segment.body
    })
    for (const part of [...parts, ...after.tail]) {
      for (const line of unpack(part).split('\n').slice(0, -1)) {
        const image = parseImageLine(line)
        state.set(groupId({ key: image.key, windowEndMs: windowEndOf(image.endMs) }), image)
      }
    }
    const mode = modeOf(after)
    const isGone = ({ endMs, last }: ImageFields) =>
      (endMs <= protocolRules.goneUpToMs(after, mode) && protocolRules.isGone(after, { last: [...last] }, mode)) ||
      // What was closed in append mode is out, also where update mode would wait yet.
      (shape.hasModes === true && endMs <= after.closedMs)
    for (const [group, image] of state) if (isGone(image)) state.delete(group)
    if (mode !== modeOf(before)) live.delete(shard)
    compare(shard, state, isGone, mode === 'append' && shape.hasModes !== true)
    noteLate(shard, before, after)
  }

  function compare(
    shard: number,
    state: ReadonlyMap<string, ImageFields>,
    isGone: (image: ImageFields) => boolean,
    isClosed: boolean,
  ): void {
    const isFirst = !live.has(shard)
    const known = live.get(shard) ?? new Set<string>()
    live.set(shard, known)
    const closedMs = progress?.closedMs ?? never
    for (const [group, image] of state) {
      const rows = rowsOf(image.acc)
      const old = groups.get(group)
      if (new Set(rows).size < rows.length) throw new Violation('I1', `${group} has a row twice {${image.acc}}`)
      if (old === undefined && image.endMs <= closedMs) throw new Violation('I2', `${group} was made below C`)
      if (old !== undefined && old.acc !== image.acc) {
        if (!rowsOf(old.acc).every((row) => rows.includes(row)))
          throw new Violation('I1', `${group} lost rows: {${old.acc}} -> {${image.acc}}`)
        if (image.endMs <= closedMs) throw new Violation('I2', `a row entered ${group}, which ended by C`)
      }
      compareAdded(group, old?.acc ?? '', image.acc)
      if (old !== undefined && !known.has(group) && !isFirst) throw new Violation('I2', `${group} came back`)
      groups.set(group, image)
      known.add(group)
    }
    for (const group of known) {
      if (state.has(group)) continue
      known.delete(group)
      const image = groups.get(group)
      if (image === undefined) continue
      if (!isGone(image)) throw new Violation('I1', `${group} vanished`)
      if (isClosed && image.endMs > closedMs)
        throw new Violation('I2', `${group} was dropped before its row was written`)
    }
  }

  /** I5 and I6: progress only grows, and never passes a record without effect. */
  function watchProgress(before: Progress | undefined, after: Progress): void {
    if (before !== undefined) {
      const falls: string[] = []
      if ((after.watermarkMs ?? never) < (before.watermarkMs ?? never)) falls.push('watermark')
      if ((after.closedMs ?? never) < (before.closedMs ?? never)) falls.push('closed bound')
      if (after.n < before.n) falls.push('batch number')
      if (after.lateRows < before.lateRows) falls.push('late count')
      for (const [tp, next] of before.next) if ((after.next.get(tp) ?? 0) < next) falls.push(`next of ${tp}`)
      for (const [tp, time] of before.maxEventTimeMs) {
        if ((after.maxEventTimeMs.get(tp) ?? never) < time) falls.push(`max event time of ${tp}`)
      }
      if (falls.length > 0) throw new Violation('I6', `progress went back: ${falls.join(', ')}`)
    }
    for (const [tp, records] of topic) {
      for (const record of records.slice(before?.next.get(tp) ?? 0, after.next.get(tp) ?? 0)) {
        for (const group of groupsOf(record, shape)) {
          const isFolded = rowsOf(groups.get(groupId(group))?.acc ?? '').includes(recordId(record))
          if (!isFolded && !late.has(pairOf(record, group)))
            throw new Violation('I5', `progress passed ${pairOf(record, group)}, which is neither folded nor late`)
        }
      }
    }
  }

  function watch(item: Item): void {
    if (item.sk === 'progress') {
      const after = progressFromItem(item)
      modes.set(after.evolution, (after.fingerprint.get('outputMode') ?? shape.mode) as OutputMode)
      watchProgress(progress, after)
      progress = after
    } else if (item.sk === 'head') {
      const shard = Number(item.pk.split('#').at(-1))
      const after = headOf(item)
      watchHead(shard, heads.get(shard) ?? emptyHead, after)
      heads.set(shard, after)
    }
  }

  const watched: StateStore = {
    ...store,
    async put(item, expectedRev) {
      const outcome = await store.put(item, expectedRev)
      if (outcome.kind === 'conflict') return outcome
      items.set(id(item), item)
      try {
        watch(item)
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        violation ??= error
      }
      return outcome
    },
    async exchange(added, removed) {
      await store.exchange(added, removed)
      for (const item of added) items.set(id(item), item)
      for (const key of removed) items.delete(id(key))
    },
  }
  return {
    store: watched,
    progress: () => progress,
    groups,
    late,
    violation: () => violation,
    segments: () => ({
      stored: [...items.values()].filter(({ sk }) => /^(seg|snap)#/.test(sk)).length,
      named: [...heads.values()].reduce((sum, { segments }) => sum + segments.length, 0),
    }),
  }
}
