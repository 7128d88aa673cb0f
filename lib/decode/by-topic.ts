// A codec for several topics, each with a codec of its own. Their rows have the columns of all of them; one that the codec of a
// topic does not have is null in its rows.

import { MicrobatchError } from '../error.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import {
  type Codec,
  type Decoded,
  type DecodedMany,
  decoded,
  isTyped,
  type Malformed,
  type MalformedPolicy,
  type ManyCodec,
  malformed,
  typed,
} from './codec.ts'
import { type Column, struct } from './schema.ts'

type AnyCodec = Codec<unknown> | ManyCodec<unknown>

type RowOfCodec<C> = C extends Codec<infer Row> | ManyCodec<infer Row> ? Row : never

type NamesOf<Row> = Row extends unknown ? keyof Row : never

type ValueOf<Row, Name extends PropertyKey> = Row extends unknown ? (Name extends keyof Row ? Row[Name] : null) : never

/** The columns of all rows of a union: what one of them does not have is null. */
export type RowOfTopics<Row> = { readonly [Name in NamesOf<Row>]: ValueOf<Row, Name> }

/**
 * The codec of a query that reads several topics: the record's topic says which codec reads it.
 *
 * @throws MicrobatchError SCHEMA_INVALID where two topics have columns of one name and different types; CONFIG_INVALID where their
 *   codecs have different policies for bad records
 * @example
 * stream('all').readKafka({ topics: ['trades', 'old-trades'] })
 *   .decode(byTopic({ trades: json(Trade), 'old-trades': json(OldTrade, { many: 'lines' }) }))
 */
export function byTopic<const Codecs extends Readonly<Record<string, Codec<unknown>>>>(
  codecs: Codecs,
): Codec<RowOfTopics<RowOfCodec<Codecs[keyof Codecs]>>>
export function byTopic<const Codecs extends Readonly<Record<string, AnyCodec>>>(
  codecs: Codecs,
): ManyCodec<RowOfTopics<RowOfCodec<Codecs[keyof Codecs]>>>
export function byTopic(codecs: Readonly<Record<string, AnyCodec>>): AnyCodec {
  const own = new Map(Object.entries(codecs))
  const policy = policyOf(own)
  const { schema, fill } = schemaOf(own)
  const shared = {
    schema,
    malformed: policy,
    topics: [...own.keys()],
    async prepare(records: readonly KafkaRow[]) {
      const byName = Map.groupBy(records, ({ topic }) => topic)
      for (const [topic, codec] of own) await codec.prepare?.(byName.get(topic) ?? [])
    },
  }
  const codecOf = ({ topic }: KafkaRow): AnyCodec => {
    const codec = own.get(topic)
    if (codec === undefined) throw new Error(`byTopic has no codec for the topic ${topic}`)
    return codec
  }
  const isChecked = [...own.values()].every(isTyped)
  const whole = (answer: Decoded<unknown>): Decoded<unknown> =>
    answer.kind === 'row' ? decoded(fill(answer.row)) : answer
  const codec: AnyCodec = [...own.values()].some((one) => 'decodeMany' in one)
    ? {
        ...shared,
        decodeMany(record) {
          const one = codecOf(record)
          const answer = 'decodeMany' in one ? one.decodeMany(record) : several(one.decode(record))
          return answer.kind === 'malformed' ? answer : { ...answer, elements: answer.elements.map(whole) }
        },
      }
    : {
        ...shared,
        decode(record) {
          const one = codecOf(record)
          return 'decode' in one ? whole(one.decode(record)) : malformed('CODEC_FAILED', 'a codec of several rows')
        },
      }
  return isChecked ? typed(codec) : codec
}

const several = (answer: Decoded<unknown>): DecodedMany<unknown> | Malformed =>
  answer.kind === 'malformed' ? answer : { kind: 'rows', elements: [answer] }

function policyOf(codecs: ReadonlyMap<string, AnyCodec>): MalformedPolicy {
  const [[first, { malformed: policy }] = ['', { malformed: undefined }], ...rest] = codecs
  if (policy === undefined) throw new MicrobatchError('CONFIG_INVALID', 'byTopic({}): name a topic, and its codec.')
  const other = rest.find(([, codec]) => codec.malformed !== policy)
  if (other === undefined) return policy
  const problem = `byTopic: bad records of ${first} are for "${policy}", those of ${other[0]} for "${other[1].malformed}".`
  throw new MicrobatchError('CONFIG_INVALID', `${problem} A query has one policy: give all codecs the same.`)
}

/** The columns of all topics, and what gives a row of one those that it does not have. */
function schemaOf(codecs: ReadonlyMap<string, AnyCodec>) {
  const columns = new Map<
    string,
    { readonly column: Column<unknown>; readonly topic: string; readonly count: number }
  >()
  for (const [topic, codec] of codecs) {
    for (const [name, column] of codec.schema.columns) {
      const known = columns.get(name)
      if (known !== undefined && known.column.type.name !== column.type.name) {
        const problem = `byTopic: \`${name}\` is of type ${known.column.type.name} in ${known.topic}, ${column.type.name} in ${topic}.`
        throw new MicrobatchError(
          'SCHEMA_INVALID',
          `${problem} Give one of them another name, or the type of the other.`,
        )
      }
      const isNullable = known?.column.isNullable === true || column.isNullable
      columns.set(name, { column: isNullable ? column.nullable() : column, topic, count: (known?.count ?? 0) + 1 })
    }
  }
  const all = Object.fromEntries(
    Array.from(columns, ([name, { column, count }]) => [name, count === codecs.size ? column : column.nullable()]),
  )
  const nulls = Object.fromEntries(Object.keys(all).map((name) => [name, null]))
  return { schema: struct(all), fill: (row: unknown): unknown => ({ ...nulls, ...(row as object) }) }
}
