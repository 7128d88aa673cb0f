// The topic of a schedule: a few partitions of records with skew between them and disorder beyond the watermark delay, and
// the batches made of them. Windows of 10, delay 5: small numbers, so that a trace can be read.
import { type EventTimeMs, eventTimeMs } from '../../../lib/aggregate/time.ts'
import { type GroupName, groupId } from '../../../lib/state/items/names.ts'
import type { GroupOperator, RowPlace } from '../../../lib/state/protocol/operators/group-operator.ts'
import type { Batch, PartitionRows } from '../../../lib/state/protocol/operators/stateful-query.ts'
import type { Random } from './random.ts'

export const windowMs = 10
export const delayMs = 5

export interface Rec extends RowPlace {
  readonly tp: string
  readonly key: string
  /** Null: a dead letter. */
  readonly eventTimeMs: EventTimeMs | null
}

export type Topic = ReadonlyMap<string, readonly Rec[]>

/** Offsets from `from` up to, not including, `to`, per partition. */
export type Ranges = ReadonlyMap<string, readonly [from: number, to: number]>

/** How windows lie: one for a row, two that slide by half, or none, where groups never end. */
export type Windows = 'tumbling' | 'sliding' | 'none'

export interface Shape {
  readonly windows: Windows
  /** Keys belong to a partition, as `keyedBy` declares; false: the mutant that declares it though they do not. */
  readonly isKeyedByPartition: boolean
}

export function randomTopic(random: Random): Topic {
  const keys = ['a', 'b', 'c'].slice(0, random.between(1, 3))
  const flushed = random.chance(0.6)
  const partitions = Array.from({ length: random.between(1, 4) }, (_, partition): [string, Rec[]] => {
    const tp = `t-${partition}`
    let clockMs = 20 + random.between(0, 25)
    const records = Array.from({ length: random.between(3, 8) }, (_, offset): Rec => {
      clockMs += random.between(0, 9)
      const behindMs = random.chance(0.35) ? random.between(0, 28) : 0
      const time = random.chance(0.05) ? null : eventTimeMs(Math.max(0, clockMs - behindMs))
      return { tp, partition, offset, key: random.pick(keys), eventTimeMs: time }
    })
    // What a schedule does to the last windows is only seen when something closes them.
    if (flushed) records.push({ tp, partition, offset: records.length, key: 'a', eventTimeMs: eventTimeMs(200) })
    return [tp, records]
  })
  return new Map(partitions)
}

const keyOf = ({ key, partition }: Rec, { isKeyedByPartition }: Shape): string =>
  isKeyedByPartition ? `${partition}${key}` : key

/** The groups of a record. */
export function groupsOf(record: Rec, shape: Shape): readonly GroupName[] {
  const { eventTimeMs: time } = record
  if (time === null) return []
  const key = keyOf(record, shape)
  if (shape.windows === 'none') return [{ key, windowEndMs: null }]
  const slideMs = shape.windows === 'sliding' ? windowMs / 2 : windowMs
  const names: GroupName[] = []
  const lastStartMs = Math.floor(time / slideMs) * slideMs
  for (let startMs = lastStartMs; startMs > time - windowMs; startMs -= slideMs) {
    names.push({ key, windowEndMs: eventTimeMs(startMs + windowMs) })
  }
  return names
}

export const recordId = ({ tp, offset }: { readonly tp: string; readonly offset: number }): string => `${tp}:${offset}`

/** `record @ group`: what is folded once or late once. */
export const pairOf = (record: Rec, group: GroupName): string => `${recordId(record)} @ ${groupId(group)}`

export function batchOf(topic: Topic, ranges: Ranges): Batch<Rec> {
  const partitions = Array.from(ranges, ([tp, [from, to]]): PartitionRows<Rec> => {
    const records = topic.get(tp)?.slice(from, to) ?? []
    const rows = records.filter(({ eventTimeMs: time }) => time !== null)
    const times = rows.flatMap(({ eventTimeMs: time }) => (time === null ? [] : [time]))
    return {
      tp,
      partition: Number(tp.split('-')[1]),
      records: records.map(({ offset }) => ({ offset, timestamp: 1000 + offset })),
      rows,
      at: rows,
      maxEventTimeMs: times.length === 0 ? null : eventTimeMs(Math.max(...times)),
      deadLetterOffsets: records.filter(({ eventTimeMs: time }) => time === null).map(({ offset }) => offset),
    }
  })
  return { partitions }
}

/** The accumulator of the schedules is the ids of the rows folded, so that a row in twice is seen. Changed in place. */
export const idsOperator = (shape: Shape): GroupOperator<Rec, string[]> => ({
  groupsOf(row, into) {
    const names = groupsOf(row, shape)
    names.forEach(({ key, windowEndMs }, i) => {
      into.endsMs[i] = windowEndMs ?? Number.POSITIVE_INFINITY
      into.lookups[i] = key
    })
    return names.length
  },
  keyText: (lookup) => String(lookup),
  lookupOf: (text) => text,
  init: () => [],
  add: (acc, row) => {
    acc.push(recordId(row))
    return acc
  },
  write: (acc, out) => out.text(acc.join(' ')),
  decode: (text) => rowsOf(text).slice(),
})

/** Behind a stroke are the parts that a version has added (added-parts.ts). */
export function rowsOf(acc: string | null): readonly string[] {
  const all = acc?.split('|', 1)[0] ?? ''
  return all === '' ? [] : all.split(' ')
}

/** Arrival order differs between partitions; the set of rows must not. */
export const sameRows = (left: string | null, right: string | null): boolean =>
  [...rowsOf(left)].sort().join(' ') === [...rowsOf(right)].sort().join(' ')
