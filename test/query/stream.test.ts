import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  consoleSink,
  double,
  int,
  json,
  kafkaHandler,
  long,
  memoryDeadLetters,
  stream,
  string,
  struct,
  timestamp,
} from '../../lib/index.ts'
import { anEvent, aRecord, aTick, keepingSink } from '../builders.ts'

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const kafka = stream('q').readKafka({ topic: 'stock-ticks' })
const ticks = kafka.decode(json(Tick))

/** What a query prints for two ticks. */
async function printed(query: { writeStream: (typeof ticks)['writeStream'] } | object): Promise<string> {
  let text = ''
  const sink = consoleSink({ write: (block) => (text += block) })
  const written = (query as typeof ticks).writeStream({ sinks: [sink] })
  const records = [aRecord(), aRecord({ offset: 1, value: aTick({ symbol: 'GOOGL', price: 140 }) })]
  await kafkaHandler(written, { deadLetters: memoryDeadLetters() })(anEvent(records))
  return text.split('\n').slice(3).join('\n')
}

describe('operators', () => {
  test('where keeps the rows it is true for', async () => {
    expect(await printed(ticks.where((tick) => tick.price > 150).select('symbol'))).toBe(
      '+------+\n|symbol|\n+------+\n|  AAPL|\n+------+\n',
    )
  })

  test('select keeps columns in the order it names them', async () => {
    expect(await printed(ticks.select('price', 'symbol'))).toContain('|price|symbol|\n+-----+------+\n|150.5|  AAPL|')
  })

  test('withColumn adds a column that prints as a double unless it has a type', async () => {
    const query = ticks
      .select('symbol', 'price')
      .withColumn('double', (tick) => Math.round(tick.price))
      .withColumn('long', (tick) => Math.round(tick.price), long())
    expect(await printed(query)).toContain('|  AAPL|150.5| 151.0| 151|')
  })

  test('drop leaves columns out', async () => {
    expect(await printed(ticks.drop('timestamp', 'volume'))).toContain('|symbol|price|\n')
  })

  test('decode can add columns of the record, which print after its own', async () => {
    const query = kafka.decode(json(Tick), (tick, { partition, offset }) => ({ ...tick, at: `${partition}@${offset}` }))
    expect(await printed(query.drop('timestamp'))).toContain('|symbol|price|volume| at|\n')
  })

  test('columns of the record can be grouped by once they have a type', () => {
    const map = (tick: object, { partition }: { partition: number }) => ({ ...tick, partition })
    expect(() => kafka.decode(json(Tick), map).groupBy('partition')).not.toThrow()
    expect(() => kafka.decode(json(Tick), map).groupBy('partition').count()).toThrow('needs its type there')
    const typed = kafka.decode(json(Tick), map, { partition: int() }).groupBy('partition').count()
    expect(Array.from(typed.plan.columns, ([name, { kind }]) => [name, kind])).toEqual([
      ['partition', 'int'],
      ['count', 'long'],
    ])
  })

  test('a record that decode answers with undefined is left out', async () => {
    expect(
      await printed(kafka.decode(json(Tick), (tick, { offset }) => (offset === 0 ? undefined : tick))),
    ).not.toContain('AAPL')
  })

  test('a Kafka stream that nothing decodes prints the columns of Spark’s Kafka source', async () => {
    expect(await printed(kafka.select('key', 'topic', 'partition', 'offset', 'timestampType'))).toContain(
      '|          key|      topic|partition|offset|timestampType|\n',
    )
  })

  test('a stream is a value: going on from it leaves it as it was', () => {
    const before = ticks.plan
    ticks.where(() => false)
    expect(ticks.plan).toBe(before)
    expect(ticks.plan.operators).toEqual([])
  })
})

describe('what cannot be is refused when the query is built', () => {
  test('complete mode without an aggregation, in Spark’s words', () => {
    expect(() => ticks.writeStream({ outputMode: 'complete', sinks: [keepingSink()] })).toThrow(
      'Complete output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets',
    )
  })

  test('a column that does not exist', () => {
    // @ts-expect-error: no such column
    expect(() => ticks.select('prise')).toThrow(
      'name `prise` cannot be resolved. Did you mean one of the following? [`symbol`, `price`',
    )
    // @ts-expect-error: no such column
    expect(() => ticks.drop('prise')).toThrow('cannot be resolved')
  })

  test('a query over plain rows as a Lambda handler', () => {
    const query = stream('q')
      .rows(Tick)
      .writeStream({ sinks: [keepingSink()] })
    expect(() => kafkaHandler(query, { deadLetters: memoryDeadLetters() })).toThrow('has no topic')
  })
})

test('the types of the columns follow the operators', () => {
  const query = ticks.withColumn('turnover', (tick) => tick.price * tick.volume).drop('volume')
  type Row = typeof query extends { where(predicate: (row: infer R) => boolean): unknown } ? R : never
  expectTypeOf<Row>().toEqualTypeOf<{
    readonly symbol: string
    readonly price: number
    readonly timestamp: number
    readonly turnover: number
  }>()
  // @ts-expect-error: volume was dropped
  query.where((row) => row.volume > 0)
})
