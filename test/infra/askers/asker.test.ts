// A function that asks a query: told where its state is, allowed to read it, and on AWS at an address only where that was chosen.

import { expect, test } from 'vitest'
import { chosenFunctions } from '../../../infra/chosen-queries.ts'
import { aFunction, aQuery, deploymentOf, functions, local, msk } from '../builders.ts'

const route = { httpApi: 'GET /bars/{symbol}' }
const asker = (asks: unknown) => aFunction('api', { asks, events: [route], environment: { LIMIT: '7', WINDOW: '9 s' } })
const withAsker = (asks: unknown, parameters: object = msk) =>
  deploymentOf({ ...parameters }, { functions: [...functions, asker(asks)] })

test('its events are deployed unless it is not public; on a laptop they are there in any case', () => {
  expect(withAsker('bars').events.api).toEqual([route])
  expect(withAsker({ query: 'bars', public: 'false' }).events.api).toEqual([])
  expect(withAsker({ query: 'bars', public: 'true' }).events.api).toEqual([route])
  expect(withAsker({ query: 'bars', public: false }, local).events.api).toEqual([route])
})

test('it is told where the state is, and by which settings its query was made; of no broker and no queue', () => {
  const bars = { ...aQuery('bars', { state: true }), environment: { WINDOW: '3 s', OUTPUT_MODE: 'append' } }
  const made = (parameters: object) =>
    deploymentOf({ ...parameters }, { functions: [bars, asker('bars')] }).environment.api
  expect(made(msk)).toEqual({
    SERVICE: 'microbatch-dev',
    TOPIC: 'stock-ticks',
    STATE_TABLE: 'microbatch-dev-state',
    OUTPUT_MODE: 'append',
    LIMIT: '7',
    WINDOW: '9 s',
  })
  expect(made(local)).toMatchObject({ AWS_ENDPOINT_URL_DYNAMODB: '', ALLOW_REMOTE: '' })
})

test('it may read items of the table, one by one, and change none', () => {
  const roleOf = (parameters: object) =>
    JSON.stringify(withAsker('bars', parameters).resources.Resources.ApiRole).match(/\w+:[A-Z]\w+/g)
  const own = ['sts:AssumeRole', 'logs:CreateLogStream', 'logs:PutLogEvents', 'dynamodb:GetItem']
  expect(roleOf(msk)).toEqual(own)
  const dataKey = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b-2'
  expect(roleOf({ ...msk, dataKey })).toEqual([...own, 'kms:Decrypt', 'kms:DescribeKey', 'kms:ViaService'])
  const { extensions } = withAsker('bars', { ...msk, dataKey }).resources
  expect(extensions).toHaveProperty('ApiLogGroup')
})

test.each([
  ['tape', 'functions.api: asks names "tape", and the queries with state of this service are bars.'],
  ['bar', 'functions.api: asks names "bar", and the queries with state of this service are bars.'],
  [{ query: 'bars', open: true }, "functions.api: asks: expected the key of a query's function, or { query, public }"],
  [{ query: 'bars', public: 'yes' }, 'public: '],
])('asks: %j is refused', (asks, words) => {
  expect(() => withAsker(asks)).toThrow(words)
})

test('a function that runs a query or produces asks none beside', () => {
  const both = { ...aQuery('bars', { state: true }), asks: 'bars' }
  expect(() => deploymentOf(msk, { functions: [both] })).toThrow('functions.bars: a function asks a query, or runs one')
})

test('where QUERIES leaves a query out, nobody is there who asks it', () => {
  const written = {
    bars: { events: [{ query: { topic: 't', partitions: 1 } }] },
    moves: { events: [{ query: { topic: 't', partitions: 1 } }] },
    api: { asks: 'bars' },
    other: { asks: { query: 'moves' } },
  }
  const { api: _, bars: __, ...left } = written
  expect(chosenFunctions(written, 'moves')).toEqual({ functions: left, leftOut: ['bars', 'api'] })
})
