// What a row must be beyond its schema: not from the future, and not under a key, or with a value, that is too long for state. A row that fails
// is set aside as a dead letter, whatever the codec's policy for bad bytes is: the query could not go on with it.

import type { Aggregate } from '../../aggregate/functions/aggregate.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'
import type { Domain } from '../../types/column-type.ts'
import { isLikelySeconds } from '../../types/timestamp.ts'
import { Refusal } from '../held/refusal.ts'
import type { AggregationStep, Plan, PlanRow } from '../plan/plan.ts'
import type { Stage } from '../plan/stages/stage.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'

/**
 * The future guard, for rows as they are where the watermark is defined. It looks at the watermark's column; in a query
 * without one, at every timestamp column that the codec yields. A record without a Kafka timestamp is let through, since there is
 * nothing to compare with: it has -1, also as a CREATE_TIME, as Java's client shows it, or the 0 of a client that set none. One that a
 * producer gave in seconds is taken for such: there was no Kafka in January 1970. Without the guard one tick in microseconds pushes the
 * watermark past everything for ever (Spark has none).
 */
export function futureGuard(query: StreamingQuery): (row: PlanRow, at: Coordinates) => Refusal | null {
  const { maxFutureMs, plan } = query
  const columns = guardedColumns(plan)
  if (columns.length === 0 || maxFutureMs === null) return () => null
  return (row, { timestamp, timestampType }) => {
    for (const name of columns) {
      const eventTime = row[name]
      if (typeof eventTime !== 'number') continue
      if (timestampType === -1 || timestamp <= 0) continue
      const aheadMs = eventTime - (isLikelySeconds(timestamp) ? timestamp * 1000 : timestamp)
      if (aheadMs <= maxFutureMs) continue
      const ahead = `${aheadMs} ms after the record's timestamp ${timestamp}; allowed: ${maxFutureMs} ms`
      return new Refusal('FROM_THE_FUTURE', `column ${name}: ${eventTime} is ${ahead}`)
    }
    return null
  }
}

function guardedColumns({ source, watermark, operators }: Plan): readonly string[] {
  const isClock = (column: string): boolean =>
    operators.findLast((op) => op.kind === 'withColumn' && op.name === column && typeof op.value !== 'function') !==
    undefined
  // A clock is after every record, of a backlog by hours.
  if (watermark !== null) return isClock(watermark.column) ? [] : [watermark.column]
  if (source.kind !== 'kafka' || source.decode === null) return []
  const { columns } = source.decode.codec.schema
  return Array.from(columns).flatMap(([name, { kind }]) => (kind === 'timestamp' ? [name] : []))
}

/**
 * The guard of `keyedBy`, for rows as they are decoded: a record under another key may be in another partition, where its
 * group would be found a second time.
 */
export function keyedGuard({ plan: { source } }: StreamingQuery): (row: PlanRow, record: KafkaRow) => Refusal | null {
  if (source.kind !== 'kafka' || source.keyedBy === null) return () => null
  const column = source.keyedBy
  return (row, { key }) => {
    const value = row[column]
    const text = value === null || value === undefined ? null : String(value)
    if ((key?.toString('utf8') ?? null) === text) return null
    const there = key === null ? 'no key' : `the key ${JSON.stringify(key.toString('utf8').slice(0, 80))}`
    const detail = `keyedBy: column ${column} is ${JSON.stringify(text?.slice(0, 80) ?? null)}, the record has ${there}`
    return new Refusal('NOT_KEYED', detail)
  }
}

/** Characters or bytes of all grouping columns together. Every image of a group in the log has its key in it, and is 350 kB at most. */
const maxKeyLength = 16_384

/** Bytes of all values that the aggregates of a group keep, each for one row: in the same image. */
const maxKeptBytes = 65_536

/**
 * The guard of what state keeps as it is, keys and values, for rows as they are grouped: one record with a text of megabytes
 * must not stop a query for ever. What a custom aggregate keeps is the query's own.
 */
export function keptGuard({ plan }: StreamingQuery): (row: PlanRow) => Refusal | null {
  const [stage] = plan.stages
  const grouping = stage === undefined ? plan.aggregation : groupingOf(stage)
  if (grouping !== null) return groupingGuard(grouping)
  return stage === undefined ? () => null : wholeRowGuard(stage.input)
}

/** The guard of what an aggregation keeps of the rows that it is given. */
export function groupingGuard({ keys, aggregates, input }: Grouping): (row: PlanRow) => Refusal | null {
  const longOf = (name: string): readonly LongColumn[] => {
    const domain = input.get(name)?.type.domain
    return domain?.isLong === true ? [{ name, domain }] : []
  }
  const kept = Object.values(aggregates).flatMap(keptColumns).flatMap(longOf)
  const maxValueBytes = Math.floor(maxKeptBytes / Math.max(1, kept.length))
  const values = Array.from(new Map(kept.map((column) => [column.name, column])).values())
  const texts = keys.flatMap(longOf)
  return (row) => tooLongKey(row, texts) ?? tooLongValue(row, values, maxValueBytes)
}

type Grouping = Pick<AggregationStep, 'keys' | 'aggregates' | 'input'>

/** What a stage keeps rows by that keeps no rows: null for any other. */
function groupingOf({ step, input }: Stage): Grouping | null {
  switch (step.kind) {
    case 'aggregate':
    case 'sessionAggregate':
      return step.aggregation
    case 'transformWithState':
      return { keys: step.keys, aggregates: {}, input }
    default:
      return null
  }
}

/** The guard of what stateful operators keep: whole rows. */
export function wholeRowGuard(input: Stage['input']): (row: PlanRow) => Refusal | null {
  const columns = longColumns(input)
  return (row) => tooLongValue(row, columns, Math.floor(maxKeptBytes / Math.max(1, columns.length)))
}

/** Bytes of a row as JSON that operators made of others, which may be longer than a row that is delivered: it is one line of the log. */
const maxMadeBytes = 320_000

/**
 * The guard of rows that a stateful operator gives: they are kept by the next one, or until they are out.
 * @param next left out where they go out
 */
export function givenGuard({ output }: Stage, next?: Stage): (row: PlanRow) => Refusal | null {
  const grouping = next === undefined ? null : groupingOf(next)
  if (grouping !== null) return groupingGuard(grouping)
  const columns = longColumns(next?.input ?? output)
  // A row that waits in a join lies there under its key, which is a part of it once more.
  const maxBytes = next?.step.kind === 'join' ? maxMadeBytes / 2 : maxMadeBytes
  return (row) => {
    const length = columns.reduce((sum, { name, domain }) => sum + lengthOf(row[name], domain), 0)
    // A character takes six bytes of JSON at the most.
    if (length * 6 <= maxBytes) return null
    const bytes = columns.reduce((sum, { name, domain }) => sum + jsonLength(row[name], domain), 0)
    if (bytes <= maxBytes) return null
    const names = columns.map(({ name }) => name).join(', ')
    return new Refusal(
      'VALUE_TOO_LONG',
      `columns ${names} of a row that an operator made: ${bytes}, allowed: ${maxBytes}`,
    )
  }
}

const longColumns = (input: Stage['input']): readonly LongColumn[] =>
  Array.from(input, ([name, { type }]): LongColumn => ({ name, domain: type.domain })).filter(
    ({ domain }) => domain.isLong === true,
  )

/** The columns whose values an aggregate keeps. A function gives numbers. */
function keptColumns(aggregate: Aggregate<PlanRow>): readonly string[] {
  switch (aggregate.kind) {
    case 'minBy':
    case 'maxBy':
      return [aggregate.argument, aggregate.by].filter((argument) => typeof argument === 'string')
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return typeof aggregate.argument === 'string' ? [aggregate.argument] : []
    default:
      if (!('keeps' in aggregate) || aggregate.keeps === 'digests') return []
      return typeof aggregate.argument === 'string' ? [aggregate.argument] : []
  }
}

/** A column whose values may be of any length. */
interface LongColumn {
  readonly name: string
  readonly domain: Domain<unknown>
}

function tooLongKey(row: PlanRow, columns: readonly LongColumn[]): Refusal | null {
  let length = 0
  for (const { name, domain } of columns) length += lengthOf(row[name], domain)
  if (length <= maxKeyLength) return null
  const names = columns.map(({ name }) => name).join(', ')
  const detail = `${columns.length === 1 ? 'column' : 'columns'} ${names}: ${length}, allowed: ${maxKeyLength}`
  return new Refusal('KEY_TOO_LONG', detail)
}

function tooLongValue(row: PlanRow, columns: readonly LongColumn[], maxBytes: number): Refusal | null {
  for (const { name, domain } of columns) {
    const value = row[name]
    const length = lengthOf(value, domain)
    // A character takes three bytes of UTF-8 at the most.
    if (length * 3 <= maxBytes) continue
    const bytes = typeof value === 'string' ? Buffer.byteLength(value) : length
    if (bytes > maxBytes) return new Refusal('VALUE_TOO_LONG', `column ${name}: ${bytes}, allowed: ${maxBytes}`)
  }
  return null
}

function lengthOf(value: unknown, domain: Domain<unknown>): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length
  // A list, a map or an object: in the form that state keeps.
  return jsonLength(value, domain)
}

const jsonLength = (value: unknown, domain: Domain<unknown>): number =>
  value === null || value === undefined ? 0 : Buffer.byteLength(JSON.stringify(domain.encode(value)))
