// The topic of a schedule: a few partitions of records with skew between them and disorder beyond the watermark delay, and
// the batches made of them. Windows of 10, delay 5: small numbers, so that a trace can be read.
import { type EventTimeMs, eventTimeMs } from '../../../lib/aggregate/time.ts'
import type { GroupName } from '../../../lib/state/items/layout.ts'
import { groupId } from '../../../lib/state/items/layout.ts'
import type { Batch, GroupInput, Input, PartitionBatch } from '../../../lib/state/protocol/stateful-query.ts'
import type { Random } from './random.ts'

export const windowMs = 10
export const delayMs = 5

export interface Rec {
  readonly tp: string
  readonly offset: number
  readonly key: string
  /** Null: a dead letter. */
  readonly eventTimeMs: EventTimeMs | null
}

export type Topic = ReadonlyMap<string, readonly Rec[]>

/** Offsets from `from` up to, not including, `to`, per partition. */
export type Ranges = ReadonlyMap<string, readonly [from: number, to: number]>

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
      return { tp, offset, key: random.pick(keys), eventTimeMs: time }
    })
    // What a schedule does to the last windows is only seen when something closes them.
    if (flushed) records.push({ tp, offset: records.length, key: 'a', eventTimeMs: eventTimeMs(200) })
    return [tp, records]
  })
  return new Map(partitions)
}

/** The windows a record belongs to: one, or two where they slide by half. */
export function groupsOf(record: Rec, slideMs: number): readonly GroupName[] {
  const { eventTimeMs: time, key } = record
  if (time === null) return []
  const names: GroupName[] = []
  const lastStartMs = Math.floor(time / slideMs) * slideMs
  for (let startMs = lastStartMs; startMs > time - windowMs; startMs -= slideMs) {
    names.push({ key, windowEndMs: eventTimeMs(startMs + windowMs) })
  }
  return names
}

export const recordId = ({ tp, offset }: { readonly tp: string; readonly offset: number }): string => `${tp}:${offset}`

export function batchOf(topic: Topic, ranges: Ranges, slideMs: number): Batch<Rec> {
  const partitions = new Map<string, PartitionBatch>()
  const groups = new Map<string, GroupName & { inputs: Input<Rec>[] }>()
  for (const [tp, [from, to]] of ranges) {
    const records = topic.get(tp)?.slice(from, to) ?? []
    const times = records.flatMap(({ eventTimeMs: time }) => (time === null ? [] : [time]))
    partitions.set(tp, {
      records: records.map(({ offset }) => ({ offset, timestamp: 1000 + offset })),
      maxEventTimeMs: times.length === 0 ? null : eventTimeMs(Math.max(...times)),
      deadLetterOffsets: records.filter(({ eventTimeMs }) => eventTimeMs === null).map(({ offset }) => offset),
    })
    for (const record of records) {
      for (const name of groupsOf(record, slideMs)) {
        const group = groups.get(groupId(name)) ?? { ...name, inputs: [] }
        group.inputs.push({ tp, offset: record.offset, value: record })
        groups.set(groupId(name), group)
      }
    }
  }
  return { partitions, groups: [...groups.values()] satisfies GroupInput<Rec>[] }
}

/** The accumulator of the schedules: every row folded in, so that a row in twice is seen. */
export const foldIds = (acc: string | null, inputs: readonly Input<Rec>[]): string =>
  [...rowsOf(acc), ...inputs.map(recordId)].join(' ')

export const rowsOf = (acc: string | null): readonly string[] => (acc === null || acc === '' ? [] : acc.split(' '))

/** Arrival order differs between partitions; the set of rows must not. */
export const sameRows = (left: string | null, right: string | null): boolean =>
  [...rowsOf(left)].sort().join(' ') === [...rowsOf(right)].sort().join(' ')
