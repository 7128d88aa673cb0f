// Queries whose functions do to some rows whatever a function can do, always the same to the same row; and which note what they
// leave out on purpose.

import {
  aggregate,
  approxCountDistinct,
  array,
  avg,
  bigint,
  binary,
  boolean,
  type Codec,
  collectList,
  collectSet,
  consoleSink,
  corr,
  count,
  countDistinct,
  countIf,
  date,
  deadLetter,
  decimal,
  decoded,
  double,
  int,
  json,
  long,
  type MalformedPolicy,
  type ManyCodec,
  malformed,
  map,
  max,
  maxBy,
  min,
  mode,
  type OutputMode,
  percentileApprox,
  type Sink,
  type StreamingQuery,
  stddev,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../../lib/index.ts'

const columns = {
  text: string(),
  number: double(),
  whole: long().nullable(),
  small: int(),
  flag: boolean(),
  at: timestamp(),
  cost: decimal(8, 2, { from: 'text' }).nullable(),
  ids: array(bigint()).nullable(),
  tags: map(int().nullable()).nullable(),
  day: date().nullable(),
  inner: struct({ a: double(), b: string().nullable() }).nullable(),
}
const Strict = struct(columns)
const Loose = struct({ ...columns, bytes: binary().nullable() })
type Value = Readonly<Record<string, unknown>>

/** Prints everything, to nobody: no value may stop it. */
const printing = consoleSink({ truncate: false, numRows: 1_000, write: () => undefined })

const circular: Record<string, unknown> = {}
circular.itself = circular
const trap = new Proxy({}, { get: () => fail(new Error('a trap')), ownKeys: () => fail('a trap of its own') })

const fail = (error: unknown): never => {
  throw error
}

/** What a function gives where it should not, by number. */
const oddities: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => Number.NEGATIVE_INFINITY,
  () => -0,
  () => 0.1 + 0.2,
  () => 2 ** 60,
  () => 10n ** 30n,
  () => 12n,
  () => '12',
  () => 'x'.repeat(100_000),
  () => '\ud800',
  () => true,
  () => [],
  () => circular,
  () => trap,
  () => new Map(),
  () => new Date(1_767_623_400_000),
  () => new Date(Number.NaN),
  () => Buffer.from([1]),
  () => Symbol('s'),
  () => () => 1,
  () => Promise.resolve(1),
  () => Object.create(null),
  () => fail(new TypeError('a bug')),
  () => fail('text'),
  () => fail(null),
  () => fail(circular),
  () => fail(Object.freeze(new Error('\u001b[2J'))),
]

/** A number from the row itself: a function of the query is pure. */
function chanceOf(value: Value): number {
  let hash = 7
  for (const character of `${String(value.number)} ${String(value.whole)} ${String(value.text).slice(0, 40)}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x2c1b3c6d)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}

/** `usual`, or for one row in a dozen something odd. */
function oddly(value: Value, salt: number, usual: unknown): unknown {
  if (value.text === theEnd) return usual
  const chance = (chanceOf(value) ^ Math.imul(salt, 0x9e3779b1)) >>> 0
  return chance % 12 === 0 ? oddities[Math.floor(chance / 12) % oddities.length]?.() : usual
}

/** JSON as a library gives it: any. It throws where it pleases. */
const anyJson = (policy: MalformedPolicy): Codec<Value> => ({
  schema: Loose as never,
  malformed: policy,
  decode({ value }) {
    if (value === null) return malformed('TOMBSTONE', 'none')
    const parsed = JSON.parse(value.toString('utf8'))
    return (oddly(parsed, 1, decoded(parsed)) ?? fail(new Error('nothing'))) as never
  },
})

const policies = ['deadLetter', 'null', 'drop', 'fail'] as const
const codecs = ['json', 'any', 'many'] as const
const shapes = ['tape', 'mapped', 'append', 'update', 'complete'] as const

export interface Setting {
  readonly policy: (typeof policies)[number]
  readonly codec: (typeof codecs)[number]
  readonly shape: (typeof shapes)[number]
}

export const settings: readonly Setting[] = policies.flatMap((policy) =>
  codecs.flatMap((codec) => shapes.map((shape) => ({ policy, codec, shape }))),
)

/** One after the other, round and round. */
export const settingAt = (index: number): Setting =>
  settings[index % settings.length] ?? { policy: 'deadLetter', codec: 'json', shape: 'tape' }

function codecOf({ codec, policy }: Setting): Codec<Value> | ManyCodec<Value> {
  if (codec === 'any') return anyJson(policy)
  if (codec === 'many') return ofOne(jsonOf(policy))
  return jsonOf(policy)
}

/** Records of several rows, of which there is one. */
const ofOne = ({ schema, malformed, decode }: Codec<Value>): ManyCodec<Value> => ({
  schema,
  malformed,
  decodeMany: (record) => ({ kind: 'rows', elements: [decode(record)] }),
})

function jsonOf(policy: MalformedPolicy): Codec<Value> {
  if (policy === 'null') return json(Strict, { malformed: policy }) as Codec<Value>
  return policy === 'fail' ? (json(Strict, { malformed: policy }) as Codec<Value>) : json(Strict, { malformed: policy })
}

/** Gives some rows more than it should, or throws on them; counts the others. */
const picky = aggregate<{ readonly number: number | null }, number, number>({
  column: long(),
  version: 1,
  init: () => 0,
  add: (n, row) => (chanceOf(row) % 31 === 0 ? fail(new RangeError('picky')) : n + 1),
  merge: (left, right) => left + right,
  result: (n) => n,
})

interface Mapped {
  readonly id: number
  readonly price: number
  readonly at: number | null
}

/** @param leftOut takes the ids of the records that a function leaves out on purpose */
export function queryOf(setting: Setting, sink: Sink<object>, leftOut: Set<number>): StreamingQuery {
  const source = stream('conserved').readKafka({ topic: 't' })
  if (setting.shape === 'tape')
    return source.decode(codecOf(setting)).writeStream({ sinks: [printing, sink], maxFuture: 'off' })
  const leave = (id: number): undefined => {
    leftOut.add(id)
  }
  const mapped = source
    .decode(
      codecOf(setting),
      (value: Value, { partition, offset }): Mapped => {
        const id = partition * 1e9 + offset
        const chance = chanceOf(value)
        if (value.text === theEnd) return { ...value, id, price: 1.5 } as unknown as Mapped
        if (chance % 17 === 0) return leave(id) as never
        if (chance % 19 === 0) return deadLetter('ASKED_FOR', String(chance)) as never
        const row = oddly(value, 2, { ...value, id, price: oddly(value, 3, 1.5) })
        return (row === undefined ? leave(id) : row) as never
      },
      { id: long(), price: double(), at: timestamp().nullable() },
    )
    .withColumn('cents', (row) => oddly(row as unknown as Value, 4, Math.round(row.price * 100)) as number, long())
    .where((row) => {
      const answer =
        setting.shape === 'append' && isLast(row as unknown as Value) ? false : oddly(row as unknown as Value, 5, true)
      if (answer === null || answer === undefined || answer === false) leave(row.id)
      return answer as boolean
    })
    .withColumn('label', (row) => oddly(row as unknown as Value, 6, 'label') as string, string())
    // Without a type: what its first value is differs by container, so the values here are of one form.
    .withColumn('untyped', (row) => `${row.cents}`)
  if (setting.shape === 'mapped')
    return mapped.writeStream({ sinks: [printing, sink], maxFuture: 'off' }) as StreamingQuery
  const rows = mapped as unknown as ReturnType<typeof typed>
  return rows
    .withWatermark('at', '1 minute')
    .groupBy(window('at', '10 minutes'), 'flag', 'text')
    .agg({
      n: count(),
      picky,
      total: sum((row) => oddly(row as never, 7, row.number) as number),
      volume: sum('whole'),
      high: max('text'),
      latest: maxBy('text', 'at'),
      texts: countDistinct('text'),
      about: approxCountDistinct('number'),
      cost: sum('cost'),
      mean: avg('cost'),
      ids: max('ids'),
      tags: maxBy('tags', 'at'),
      days: countDistinct('day'),
      inner: min('inner'),
      large: countIf((row) => oddly(row as never, 8, row.number > 0) as boolean),
      sd: stddev((row) => oddly(row as never, 9, row.number) as number),
      related: corr('number', (row) => oddly(row as never, 10, row.small) as number),
      middle: percentileApprox('cost', 0.5),
      wholes: collectList('whole'),
      lists: collectSet('ids'),
      usual: mode('day'),
    })
    .writeStream({
      outputMode: setting.shape as OutputMode,
      sinks: [printing, sink],
      maxFuture: 'off',
    }) as StreamingQuery
}

/** The last window of the calendar never closes, since no time is after it. */
const isLast = ({ at, text }: Value): boolean => Number(at) > 253_402_200_000_000 && text !== theEnd
export const theEnd = 'the end'

const typed = () => stream('x').rows(struct({ ...columns, id: long(), price: double(), cents: long() }))
