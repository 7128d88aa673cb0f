// The operators of the builder as functions from plan to plan, and their checks. A plan's columns are known by name and by
// how they print; the types of rows are stream.ts's.

import type { Codec, ManyCodec } from '../../decode/codec.ts'
import { type Column, inferredColumn, requireSchema, type Schema, timestamp } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import { valueText } from '../../types/text/value-text.ts'
import type { CurrentTimestamp } from '../operators/current-timestamp.ts'
import type { KafkaColumn } from './columns/added-columns.ts'
import { kafkaColumns } from './columns/kafka-columns.ts'
import { isWindow, withWindow } from './columns/window-column.ts'
import { hasKind, requireFunction } from './given.ts'
import { type DecodeStep, isGenerator, type Plan, type PlanRow, requireColumns, type Tombstones } from './plan.ts'
import { columnOf, rowOperator } from './row-operator.ts'
import { ownRows } from './sources.ts'
import { isWindowTime, withWindowTime } from './window-time.ts'

const empty = {
  others: [],
  operators: [],
  watermark: null,
  stages: [],
  eventTime: null,
  otherEventTime: null,
  aggregation: null,
  after: [],
  isOpen: false,
} as const

export const kafkaPlan = (
  name: string,
  topics: readonly string[],
  keyedBy: string | null,
  tombstones: Tombstones | null,
): Plan => {
  if (tombstones !== null && !['deadLetter', 'drop', 'row'].includes(tombstones)) {
    refuse(`${name}: tombstones is ${JSON.stringify(tombstones)}; expected one of deadLetter, drop, row.`)
  }
  if (topics.length === 0) refuse(`${name}: readKafka names no topic.`)
  const twice = topics.find((topic, i) => topics.indexOf(topic) !== i)
  if (twice !== undefined) refuse(`${name}: readKafka names the topic ${twice} twice.`)
  if (keyedBy !== null && topics.length > 1) {
    // A key is in one partition of each topic, which need not have the same number.
    refuse(`${name}: keyedBy is for one topic, and readKafka names ${topics.length}. Leave it out.`)
  }
  return {
    ...empty,
    name,
    source: { kind: 'kafka', topics, keyedBy, tombstones, decode: null },
    columns: kafkaColumns,
  }
}

export function rowsPlan(name: string, schema: Schema<unknown>): Plan {
  requireSchema(schema, `${name}: rows`)
  return { ...empty, name, source: { kind: 'rows', schema, topic: ownRows }, columns: schema.columns }
}

export function decoded(
  plan: Plan,
  codec: Codec<unknown> | ManyCodec<unknown>,
  {
    map,
    declared = {},
    added = [],
  }: {
    readonly map?: unknown
    readonly declared?: Readonly<Record<string, Column<unknown>>> | undefined
    readonly added?: readonly KafkaColumn<string, unknown>[]
  },
): Plan {
  if (plan.source.kind !== 'kafka') return refuse(`${plan.name}: only a Kafka source has records to decode.`)
  if (typeof codec !== 'object' || codec === null || !('schema' in codec)) {
    refuse(`${plan.name}: decode takes a codec, and was given ${valueText(codec)}. Give it one: decode(json(Tick)).`)
  }
  const unread = plan.source.topics.filter((topic) => codec.topics !== undefined && !codec.topics.includes(topic))
  if (unread.length > 0) {
    refuse(`${plan.name}: byTopic has no codec for ${unread.join(', ')}. Give it one for each topic of readKafka.`)
  }
  // What a function makes of a codec's column may be null, and in the row of a tombstone each is.
  const isAny = map !== undefined || plan.source.tombstones === 'row'
  const decodedColumns = Array.from(codec.schema.columns, ([name, column]): [string, Column<unknown>] => [
    name,
    isAny ? column.nullable() : column,
  ])
  const own = new Map([...decodedColumns, ...Object.entries(declared)])
  const names = [...own.keys(), ...added.map(({ name }) => name)]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    const remedy = `Give it another name: kafkaColumn('…').as('…'), header('…').as('…').`
    refuse(`${plan.name}: withKafkaColumns adds \`${twice}\`, which is a column already. ${remedy}`)
  }
  const columns = new Map([...own, ...added.map(({ name, column }) => [name, column] as const)])
  const step: DecodeStep = {
    codec,
    map: (map as DecodeStep['map'] | undefined) ?? null,
    columns,
    declared: new Set(Object.keys(declared)),
    before: plan.operators.filter((operator) => !isGenerator(operator)),
    added,
  }
  return {
    ...plan,
    operators: [],
    source: { ...plan.source, decode: step },
    columns,
    isOpen: map !== undefined,
  }
}

export function where(plan: Plan, predicate: unknown): Plan {
  requireFunction(plan, 'where', predicate)
  return rowOperator(plan, { kind: 'where', predicate: predicate as (row: PlanRow) => unknown })
}

export function select(plan: Plan, columns: readonly string[]): Plan {
  requireColumns(plan, columns)
  const selected = columns.map((name) => [name, columnOf(plan, name)] as const)
  return rowOperator(plan, { kind: 'select', columns }, { columns: new Map(selected), isOpen: false })
}

export function withColumn(plan: Plan, name: string, value: unknown, type: Column<unknown> | undefined): Plan {
  if (!hasKind(value)) requireFunction(plan, 'withColumn', value)
  if (isWindowTime(value)) return withWindowTime(plan, name, value.column)
  if (isWindow(value)) return withWindow(plan, name, value)
  const given = value as ((row: PlanRow) => unknown) | CurrentTimestamp
  const column = typeof given === 'function' ? (type ?? null) : timestamp()
  const columns = new Map([...plan.columns, [name, column ?? inferredColumn()] as const])
  return rowOperator(plan, { kind: 'withColumn', name, value: given, column }, { columns })
}

export function drop(plan: Plan, names: readonly string[]): Plan {
  requireColumns(plan, names)
  const columns = new Map([...plan.columns].filter(([name]) => !names.includes(name)))
  return rowOperator(plan, { kind: 'drop', columns: names }, { columns })
}
