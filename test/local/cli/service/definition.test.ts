import { expect, test } from 'vitest'
import {
  consumersOf,
  deployedName,
  isFedByKafka,
  minutely,
  toldPartitions,
  topicsOf,
} from '../../../../local/cli/service/definition.ts'
import { functionEnvironment } from '../../../../local/cli/service/environment.ts'
import type { PrintedService } from '../../../../mapping/settings/service-definition.ts'

const kafka = (topic: string) => ({ kafka: { topic, bootstrapServers: 'localhost:9092', accessConfigurations: {} } })
const service = (change: Partial<PrintedService>): PrintedService => ({
  ...{ service: 'demo', stage: 'dev', region: 'eu-west-1', functions: {} },
  ...{ environment: {}, runtime: undefined, queries: {}, offline: {} },
  ...change,
})

test('the consumers are the functions with an enabled Kafka event, with the group that the mapping has', () => {
  const events = [{ ...kafka('orders'), kafka: { ...kafka('orders').kafka, consumerGroupId: 'mine' } }]
  const off = { kafka: { ...kafka('other').kafka, enabled: false } }
  const functions = { totals: { events }, off: { events: [off] }, plain: { events: [{ http: 'GET /' }] }, none: {} }
  expect(consumersOf(service({ functions }))).toEqual([{ functionKey: 'totals', topic: 'orders', groupId: 'mine' }])
})

test('a topic has the partitions that the service says, else those that are asked for', () => {
  const functions = { a: { events: [kafka('orders')] }, b: { events: [kafka('clicks')] } }
  const queries = { a: { topic: 'orders', partitions: 6 }, c: { topic: 'fed-otherwise' } }
  expect(topicsOf(service({ functions, queries }), 3)).toEqual(
    new Map([
      ['orders', 6],
      ['clicks', 3],
      ['fed-otherwise', 3],
    ]),
  )
})

test('what a function sets itself goes before what its query says of the partitions', () => {
  const functions = {
    a: { events: [kafka('orders')], environment: { PARTITIONS: '8' } },
    b: { events: [kafka('clicks')] },
  }
  const queries = { a: { topic: 'orders', partitions: 6 } }
  expect(toldPartitions(service({ functions, queries }))).toEqual(new Map([['orders', 8]]))
})

test('a query of several topics says how many partitions each of them has, by its list or its variable', () => {
  const functions = { a: { events: [kafka('orders'), kafka('clicks')] } }
  const queries = { a: { topic: 'orders', partitions: 6, topics: { orders: 6, clicks: 2 } } }
  const counts = new Map([
    ['orders', 6],
    ['clicks', 2],
  ])
  expect(topicsOf(service({ functions, queries }), 3)).toEqual(counts)
  const told = { a: { ...functions.a, environment: { PARTITIONS: 'orders=6,clicks=2' } } }
  expect(toldPartitions(service({ functions: told }))).toEqual(counts)
})

test('a function is fed by Kafka by its event of either kind, or by its query alone', () => {
  const functions = {
    a: { events: [kafka('orders')] },
    b: { events: [{ msk: {} }] },
    c: {},
    d: { events: [{ http: 'GET /' }] },
  }
  const definition = service({ functions, queries: { c: { topic: 'fed-otherwise' } } })
  expect(['a', 'b', 'c', 'd'].map((key) => isFedByKafka(definition, key))).toEqual([true, true, true, false])
})

test('only what is scheduled each minute, and enabled, is minutely', () => {
  const schedules = {
    a: 'cron(* * * * ? *)',
    b: 'rate(1 minute)',
    c: { rate: ['rate(1 hour)', 'rate(1 minute)'] },
    d: { rate: 'rate(1 minute)', enabled: false },
    e: 'rate(5 minutes)',
    f: 'cron(0 12 * * ? *)',
  }
  const functions = Object.fromEntries(
    Object.entries(schedules).map(([key, schedule]) => [key, { events: [{ schedule }] }]),
  )
  expect(minutely(service({ functions }))).toEqual(['a', 'b', 'c'])
})

test('a function has the name that it is given, or the one that the framework gives it; another key is refused', () => {
  const definition = service({ functions: { totals: {}, named: { name: 'mine' } } })
  expect([deployedName(definition, 'totals'), deployedName(definition, 'named')]).toEqual(['demo-dev-totals', 'mine'])
  for (const key of ['nothing', 'toString'])
    expect(() => deployedName(definition, key)).toThrow(`has no function ${key}, only totals, named.`)
})

test('a function that was left out is refused with the variable that brings it', () => {
  const definition = service({ functions: { tape: {} }, queries: { tape: { topic: 'ticks' } }, leftOut: ['moves'] })
  expect(() => deployedName(definition, 'moves')).toThrow(
    'moves is left out, since QUERIES does not name it. To do: QUERIES=tape,moves',
  )
})

test("a function's variables go before those of all; what only CloudFormation knows is left out", () => {
  const all = { A: 1, B: 'all', C: { Ref: 'Table' }, D: true }
  expect(functionEnvironment({ environment: all }, { environment: { B: 'own', E: null } })).toEqual({
    A: '1',
    B: 'own',
    D: 'true',
  })
})
