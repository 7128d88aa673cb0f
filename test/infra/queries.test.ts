import { describe, expect, test } from 'vitest'
import { functionsOf } from '../../infra/functions.ts'
import { readQueries } from '../../infra/queries.ts'
import { aFunction, aQuery, service } from './builders.ts'

const read = (...functions: Parameters<typeof readQueries>[0]) => readQueries(functions, service)

test('a topic and its partitions are all that a query has to say', () => {
  expect(read(aQuery('tape', {}))).toEqual([
    {
      name: 'tape',
      functionName: 'microbatch-dev-tape',
      topic: 'stock-ticks',
      partitions: 3,
      state: false,
      partialBatches: false,
      sinks: {},
      batchSize: 10_000,
      maximumBatchingWindow: 3,
      startingPosition: 'TRIM_HORIZON',
      consumerGroupId: 'microbatch-dev-tape-stock-ticks',
    },
  ])
})

test('numbers and flags may be text, as variables of the environment are', () => {
  expect(read(aQuery('tape', { partitions: '6', state: 'true', batchSize: '10' }))).toMatchObject([
    { partitions: 6, state: true, batchSize: 10 },
  ])
})

test('a query of several topics is one for each of them, with groups of their own', () => {
  const topics = { trades: 3, 'old-trades': '2' }
  const found = read(aFunction('all', { queries: [{ topics, state: true }] }))
  expect(found).toMatchObject([
    { name: 'all', topic: 'trades', partitions: 3, consumerGroupId: 'microbatch-dev-all-trades', state: true },
    { name: 'all', topic: 'old-trades', partitions: 2, consumerGroupId: 'microbatch-dev-all-old-trades', state: true },
  ])
  expect(found.map((query) => query.topics)).toEqual(Array(2).fill({ trades: 3, 'old-trades': 2 }))
  const [, second] = read(aFunction('all', { queries: [{ topics, consumerGroupId: 'mine' }] }))
  expect(second?.consumerGroupId).toBe('mine-old-trades')
})

describe('what cannot be is refused in words', () => {
  test.each([
    [{ topics: { a: 1 }, topic: 'a', partitions: 1 }, /"topic".* A query takes topics, state,/],
    [{ topics: {} }, /topics names none/],
    [{ topics: ['a', 'b'] }, /query: topics: expected the partitions of each, as \{ trades: 3, quotes: 2 \}/],
    [{ topics: { a: 0 } }, /query: topics: a: /],
    [{ topics: { 'a b': 1 } }, /query: topics: /],
    [{ topics: { 'a-b': 1, 'a.b': 1 } }, /the mappings of a-b and a\.b would have one name/],
    [{ topics: { a: 1 }, state: true, partialBatches: true }, /all or nothing/],
  ])('%o', (query, words) => {
    expect(() => read(aFunction('all', { queries: [query] }))).toThrow(words)
  })

  test.each([
    [{ batchsize: 5 }, /functions\.tape: query: .*"batchsize".* A query takes topic, partitions, state,/],
    [{ topic: undefined }, /functions\.tape: query: topic: /],
    [{ partitions: 'three' }, /functions\.tape: query: partitions: /],
    [{ maximumBatchingWindow: 301 }, /maximumBatchingWindow: /],
    [{ state: true, partialBatches: true }, /a query with state is all or nothing/],
    [{ startingPosition: 'AT_TIMESTAMP' }, /startingPositionTimestamp go together/],
    [{ state: 'yes' }, /state: /],
  ])('%o', (query, words) => {
    expect(() => read(aQuery('tape', query))).toThrow(words)
  })
  test('two queries of one function', () => {
    const query = { topic: 'ticks', partitions: 1 }
    expect(() => read(aFunction('tape', { queries: [query, query] }))).toThrow('one query to a function')
  })
  test('a function that reads and writes', () => {
    expect(() => read({ ...aQuery('tape', {}), produces: 'out' })).toThrow('runs a query or produces')
  })
  test('two counts of partitions for one topic', () => {
    expect(() => read(aQuery('tape', {}), aQuery('bars', { partitions: 4 }))).toThrow(
      'stock-ticks has one count of partitions: tape says 3, bars says 4',
    )
  })
})

test('the functions of a service are an object, or a list of objects, and only those with a query or a topic count', () => {
  const bars = { handler: 'a.b', events: [{ sqs: 'arn' }, { query: { topic: 'ticks' } }] }
  const shop = { handler: 'a.c', produces: 'orders', role: 'arn:…', vpc: {} }
  const found = functionsOf([{ bars, other: { handler: 'a.d' } }, null, { shop }])
  expect(found.map(({ path }) => path)).toEqual([
    ['functions', '0', 'bars'],
    ['functions', '2', 'shop'],
  ])
  expect(found.map(({ given }) => given)).toMatchObject([
    { key: 'bars', queries: [{ topic: 'ticks' }], events: [{ sqs: 'arn' }], hasRole: false },
    { key: 'shop', queries: [], produces: 'orders', hasRole: true, hasNetwork: true },
  ])
  expect(functionsOf({ bars }).map(({ path }) => path)).toEqual([['functions', 'bars']])
  for (const nothing of [undefined, null, 'a variable', { broken: null }]) {
    expect(functionsOf(nothing)).toEqual([])
  }
})

test('a query without a word is refused, not overlooked', () => {
  const [bars] = functionsOf({ bars: { events: [{ query: null }] } })
  expect(() => read(...(bars === undefined ? [] : [bars.given]))).toThrow('functions.bars: query: topic: ')
})
