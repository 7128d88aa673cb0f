// A codec turns one record into a row, or into the reason why there is none. A bad record is a value here, never an
// exception: what becomes of it is the policy's business, carried out where the batch is known (query/read/row-reader.ts).
// The port is open: a codec of a format that this library does not have is an object of this shape.

import type { KafkaRow } from '../event/kafka-row.ts'
import type { Schema } from './schema.ts'

/**
 * What to do with a record that cannot be decoded: `deadLetter` sets it aside with its coordinates and its bytes;
 * `null` is Spark's PERMISSIVE mode; `drop` counts it and goes on; with `fail`, Spark's FAILFAST, the batch fails.
 */
export type MalformedPolicy = 'deadLetter' | 'null' | 'drop' | 'fail'

/**
 * Why a record is bad. Dead letters and logs have the words, so they do not change; a codec may add its own.
 * `CODEC_FAILED`: the codec threw, where it should have given a reason.
 */
export type MalformedReason =
  | 'TOMBSTONE'
  | 'EMPTY'
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'WRONG_SHAPE'
  | 'CODEC_FAILED'
  | (string & {})

export interface Malformed {
  readonly kind: 'malformed'
  readonly reason: MalformedReason
  /** For people: the column and the value that was there. May contain text of the record. */
  readonly detail: string
}

export type Decoded<Row> = { readonly kind: 'row'; readonly row: Row } | Malformed

/**
 * How the records of a topic become rows: `json(…)`, or a codec of your own.
 *
 * @example
 * // Lines such as `AAPL;150.5`, with the kind of line in a header.
 * const quotes: Codec<Infer<typeof Quote>> = {
 *   schema: Quote,
 *   malformed: 'deadLetter',
 *   decode({ value, headers }) {
 *     if (value === null) return malformed('TOMBSTONE', 'the record has no value')
 *     if (headers.some(({ key }) => key === 'trade')) return malformed('NOT_A_QUOTE', 'a trade')
 *     const [symbol = '', price] = value.toString('utf8').split(';')
 *     return decoded({ symbol, price: Number(price) })
 *   },
 * }
 */
export interface Codec<Row> {
  /** The columns of the rows that `decode` gives. */
  readonly schema: Schema<Row>
  /** What becomes of a record that `decode` gives as malformed. */
  readonly malformed: MalformedPolicy
  /** The topics whose records it reads; left out, those of any. */
  readonly topics?: readonly string[]
  /**
   * Called once for each micro-batch, before any of its records is decoded: what must be waited for, such as the schemas of
   * a registry, is fetched here. If it rejects, the micro-batch fails and comes again.
   */
  prepare?(records: readonly KafkaRow[]): Promise<void>
  /** The row of one record, from its value, its key, its headers. What it throws makes the record malformed: CODEC_FAILED. */
  decode(record: KafkaRow): Decoded<Row>
}

/** What a record of several rows became: each of its elements, in their order, good or bad. */
export interface DecodedMany<Row> {
  readonly kind: 'rows'
  readonly elements: readonly Decoded<Row>[]
  /** The bytes of one element, for its dead letter; those of the record where this is left out. */
  bytesOf?(index: number): Buffer
}

/**
 * How the records of a topic become rows where one record may be several: `json(…, { many: 'array' })`, or a codec of your own.
 * The rows of a record count together, or not at all.
 *
 * @example
 * // Prices such as `AAPL;150.5;151`, each a row.
 * const prices: ManyCodec<Infer<typeof Price>> = {
 *   schema: Price,
 *   malformed: 'deadLetter',
 *   decodeMany({ value }) {
 *     if (value === null) return malformed('TOMBSTONE', 'the record has no value')
 *     const [symbol = '', ...prices] = value.toString('utf8').split(';')
 *     return { kind: 'rows', elements: prices.map((price) => decoded({ symbol, price: Number(price) })) }
 *   },
 * }
 */
export interface ManyCodec<Row> extends Pick<Codec<Row>, 'schema' | 'malformed' | 'topics' | 'prepare'> {
  /**
   * The rows of one record; or why it has none, as a whole. What it throws makes the record malformed: CODEC_FAILED. Pure: a
   * row's number in its record is a part of its id.
   */
  decodeMany(record: KafkaRow): DecodedMany<Row> | Malformed
}

/** What `decode` gives for a record that is a row. @example decoded({ symbol: 'AAPL', price: 150.5 }) */
export const decoded = <Row>(row: Row): Decoded<Row> => ({ kind: 'row', row })

/**
 * What `decode` gives for a record that is none.
 * @param reason one word, for dead letters and logs: one of the known ones, or the codec's own
 * @param detail for people: what was expected and what was there
 * @example malformed('NOT_AVRO', 'the first byte is 7, expected 0')
 */
export const malformed = (reason: MalformedReason, detail: string): Malformed => ({ kind: 'malformed', reason, detail })

/** Codecs whose rows have values of their columns' types by the making of their readers. */
const typedCodecs = new WeakSet<object>()

/**
 * Says that a codec's rows need no check, value by value: it reads its bytes by the types of the columns. For the codecs of
 * this library alone; a copy of the codec, with another `decode`, is checked.
 */
export function typed<C extends Codec<unknown> | ManyCodec<unknown>>(codec: C): C {
  typedCodecs.add(codec)
  return codec
}

export const isTyped = (codec: object): boolean => typedCodecs.has(codec)
