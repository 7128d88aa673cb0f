// Which part of a topic is read: two boundaries as a person writes them, and what they come to in each partition. Pure:
// what Kafka knows comes in.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

export type Boundary =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  /** Epoch milliseconds, of the records' timestamps. */
  | { readonly kind: 'time'; readonly epochMs: number }
  /** By partition; a partition that is not named is not read. */
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<number, number> }

export interface PartitionEnds {
  readonly partition: number
  /** The first offset that is still there. */
  readonly earliest: number
  /** The offset that the next record gets. */
  readonly latest: number
}

/** Records from `from` on, up to and without `to`. */
export interface OffsetRange {
  readonly partition: number
  readonly from: number
  readonly to: number
}

const offsetList = /^\d+:\d+(,\d+:\d+)*$/
const isoTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/
const hasZone = /(Z|[+-]\d\d:\d\d)$/

/**
 * `earliest`, `latest`, epoch milliseconds, an ISO 8601 time (UTC where it names no zone, as tables print it), or
 * `partition:offset,…`.
 * @throws LocalError COMMAND_INVALID saying what it takes
 * @example parseBoundary('--from', '2026-01-05T14:30:00Z') // { kind: 'time', epochMs: 1767623400000 }
 */
export function parseBoundary(option: string, text: string): Boundary {
  if (text === 'earliest' || text === 'latest') return { kind: text }
  if (offsetList.test(text)) return { kind: 'offsets', offsets: parseOffsets(option, text) }
  const epochMs = parseTime(text)
  if (epochMs !== undefined) return { kind: 'time', epochMs }
  throw new LocalError(
    'COMMAND_INVALID',
    `${option} takes earliest, latest, a time (2026-01-05T14:30:00Z or epoch milliseconds) or partition:offset,… ` +
      `(0:120,1:80), not ${text}.`,
  )
}

/** Epoch milliseconds, from their digits or from ISO 8601; undefined for what is no time. @example parseTime('1970-01-01') // 0 */
export function parseTime(text: string): number | undefined {
  const epochMs = /^\d+$/.test(text) ? Number(text) : isoMs(text)
  return Number.isSafeInteger(epochMs) ? epochMs : undefined
}

function isoMs(text: string): number {
  if (!isoTime.test(text)) return Number.NaN
  const time = text.replace(' ', 'T')
  return Date.parse(time.includes('T') && !hasZone.test(time) ? `${time}Z` : time)
}

function parseOffsets(option: string, text: string): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>()
  for (const entry of text.split(',')) {
    const [partition = Number.NaN, offset = Number.NaN] = entry.split(':').map(Number)
    if (offsets.has(partition)) {
      throw new LocalError('COMMAND_INVALID', `${option} names partition ${partition} twice.`)
    }
    offsets.set(partition, offset)
  }
  return offsets
}

/** The first offset at or after a time, by partition: the end where there is none. */
export type OffsetsAtTime = ReadonlyMap<number, number>

export interface RangeOptions {
  readonly ends: readonly PartitionEnds[]
  readonly from: Boundary
  readonly to: Boundary
  /** What Kafka says for the times of `from` and `to`, where they are times. */
  readonly atTime: (epochMs: number) => OffsetsAtTime
}

/**
 * @throws LocalError COMMAND_INVALID for an offset or partition that the topic does not have, or `from` after `to`
 * @example offsetRanges({ ends, from: { kind: 'earliest' }, to: { kind: 'latest' }, atTime })
 */
export function offsetRanges({ ends, from, to, atTime }: RangeOptions): readonly OffsetRange[] {
  for (const [option, boundary] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (boundary.kind === 'offsets') checkOffsets(option, boundary.offsets, ends)
  }
  return ends.flatMap((end): OffsetRange[] => {
    const first = offsetOf(from, end, atTime)
    const last = offsetOf(to, end, atTime)
    if (first === undefined || last === undefined) return []
    if (first > last) {
      const problem = `Partition ${end.partition}: --from is offset ${first}, after --to, which is ${last}.`
      throw new LocalError('COMMAND_INVALID', problem)
    }
    return [{ partition: end.partition, from: first, to: last }]
  })
}

function offsetOf(boundary: Boundary, end: PartitionEnds, atTime: RangeOptions['atTime']): number | undefined {
  switch (boundary.kind) {
    case 'earliest':
      return end.earliest
    case 'latest':
      return end.latest
    case 'time':
      // a record may have come since the ends were asked for
      return Math.min(atTime(boundary.epochMs).get(end.partition) ?? end.latest, end.latest)
    case 'offsets':
      return boundary.offsets.get(end.partition)
  }
}

function checkOffsets(option: string, offsets: ReadonlyMap<number, number>, ends: readonly PartitionEnds[]): void {
  for (const [partition, offset] of offsets) {
    const end = ends.find((there) => there.partition === partition)
    if (end === undefined) {
      const there = ends.map((known) => known.partition).join(', ')
      throw new LocalError('COMMAND_INVALID', `${option}: the topic has no partition ${partition}, only ${there}.`)
    }
    if (offset < end.earliest || offset > end.latest) {
      const problem = `${option}: partition ${partition} has the offsets ${end.earliest} to ${end.latest}, not ${offset}.`
      throw new LocalError('COMMAND_INVALID', problem)
    }
  }
}

/** Who knows a topic: its reader. */
interface TopicKnowledge {
  ends(): Promise<readonly PartitionEnds[]>
  atTime(epochMs: number): Promise<OffsetsAtTime>
}

/**
 * The ranges of a topic as it is now.
 * @throws LocalError COMMAND_INVALID as offsetRanges
 * @example await rangesOf(reader, parseBoundary('--from', 'earliest'), parseBoundary('--to', 'latest'))
 */
export async function rangesOf(reader: TopicKnowledge, from: Boundary, to: Boundary): Promise<readonly OffsetRange[]> {
  const ends = await reader.ends()
  const times = new Map<number, ReadonlyMap<number, number>>()
  for (const boundary of [from, to]) {
    if (boundary.kind === 'time') times.set(boundary.epochMs, await reader.atTime(boundary.epochMs))
  }
  return offsetRanges({ ends, from, to, atTime: (epochMs) => times.get(epochMs) ?? new Map() })
}

/** @example describeRanges([{ partition: 0, from: 0, to: 12 }]) // '0:0-12' */
export function describeRanges(ranges: readonly OffsetRange[]): string {
  return ranges.map(({ partition, from, to }) => `${partition}:${from}-${to}`).join(' ')
}
