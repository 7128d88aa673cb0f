import { describe, expect, test } from 'vitest'
import { aFunction, aQuery, deploymentOf, functions, local, msk, producer, selfManaged } from './builders.ts'

describe('on a laptop', () => {
  test('the paths of this machine are in the environment, and nothing is to be deployed', () => {
    const { environment, isDeployable, vpc, resources } = deploymentOf(local)
    for (const name of ['producer', 'tape', 'bars']) {
      expect(environment[name]).toMatchObject({
        KAFKA_BROKERS: 'localhost:9092',
        DEAD_LETTER_FILE: '/home/someone/project/.local/dead-letters.ndjson',
      })
      expect(environment[name]).not.toHaveProperty('DEAD_LETTER_QUEUE_URL')
    }
    expect([isDeployable, vpc]).toEqual([false, { producer: null }])
    const nothing = { Properties: {} }
    expect(resources.extensions).toEqual({
      TapeEventSourceMappingKafkaStockticks: nothing,
      BarsEventSourceMappingKafkaStockticks: nothing,
    })
  })
  test('what is asked of the mapping is asked of the local one too, but nothing is given up', () => {
    const asked = {
      minPollers: '1',
      maxPollers: '2',
      maxRetries: '3',
      maxRecordAgeSeconds: '60',
      partialBatches: 'true',
    }
    const { resources } = deploymentOf({ ...local, ...asked })
    expect(resources.extensions).toMatchObject({
      TapeEventSourceMappingKafkaStockticks: {
        Properties: {
          ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 2 },
          MaximumRetryAttempts: 3,
          MaximumRecordAgeInSeconds: 60,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
    })
    expect(JSON.stringify(resources.extensions)).not.toContain('DestinationConfig')
  })
  test('the mappings keep the consumer groups that the local mapping would make, and the commands are told them', () => {
    const { events, queries } = deploymentOf(local)
    expect(JSON.stringify(events.bars)).toContain('"consumerGroupId":"microbatch-dev-bars-stock-ticks"')
    expect(queries).toEqual({
      tape: {
        topic: 'stock-ticks',
        partitions: 3,
        consumerGroupId: 'microbatch-dev-tape-stock-ticks',
        state: false,
      },
      bars: {
        topic: 'stock-ticks',
        partitions: 3,
        consumerGroupId: 'microbatch-dev-bars-stock-ticks',
        state: true,
      },
    })
  })
})

describe('what is deployed', () => {
  test.each([
    ['msk', msk],
    ['self-managed', selfManaged],
    ['msk-new', { kafka: 'msk-new' }],
    ['none', { kafka: 'none', ...local }],
  ])('%s holds no path and no address of this machine', (_name, parameters) => {
    const { environment, isDeployable } = deploymentOf(parameters)
    expect(isDeployable).toBe(true)
    expect(environment.bars).toMatchObject({
      SERVICE: 'microbatch-dev',
      STATE_TABLE: 'microbatch-dev-state',
      DEAD_LETTER_QUEUE_URL: { Ref: 'DeadLetterQueue' },
    })
    expect(JSON.stringify(environment)).not.toMatch(/home|DEAD_LETTER_FILE|ENDPOINT/)
  })
})

describe('each query', () => {
  const orders = aQuery('order-revenue', { topic: 'orders', partitions: 6, state: true })

  test('has the topic and partitions of its own, and its producer those of the topic', () => {
    const { environment } = deploymentOf(local, {
      functions: [...functions, orders, aFunction('shop', { produces: 'orders' })],
    })
    expect(environment['order-revenue']).toMatchObject({ TOPIC: 'orders', PARTITIONS: '6' })
    expect(environment.shop).toMatchObject({ TOPIC: 'orders', PARTITIONS: '6' })
    expect(environment.tape).toMatchObject({ TOPIC: 'stock-ticks', PARTITIONS: '3', PARTIAL_BATCHES: 'false' })
    expect(environment.tape).not.toHaveProperty('STATE_TABLE')
  })
  test('has its mapping, its role and its alarms, and what was there keeps its name', () => {
    const before = deploymentOf({ kafka: 'msk-new' }).resources
    const { Resources, extensions } = deploymentOf(
      { kafka: 'msk-new' },
      { functions: [...functions, orders] },
    ).resources
    expect(Object.keys(Resources).filter((name) => !(name in before.Resources))).toEqual([
      'OrderDashrevenueRole',
      'OrderDashrevenueLagAlarm',
      'OrderDashrevenueErrorAlarm',
      'OrderDashrevenueDropAlarm',
      'KafkaTopicOrders',
    ])
    expect(Object.keys(before.Resources).filter((name) => !(name in Resources))).toEqual([])
    expect(extensions).toHaveProperty('OrderDashrevenueEventSourceMappingMSKKafkaClusterOrders', {
      DependsOn: ['KafkaTopicOrders'],
      Properties: { DestinationConfig: expect.anything(), MetricsConfig: { Metrics: ['EventCount'] } },
    })
  })
  test('keeps what the function brings: its role, its variables, its other events', () => {
    const own = aFunction('bars', {
      queries: [{ topic: 'ticks', partitions: 1 }],
      events: [{ httpApi: 'GET /bars' }],
      environment: { TOPIC: 'mine' },
      hasRole: true,
    })
    const { environment, events, resources } = deploymentOf(local, { functions: [own] })
    expect(environment.bars).toMatchObject({ TOPIC: 'mine', PARTITIONS: '1' })
    expect(events.bars).toEqual([{ httpApi: 'GET /bars' }, { kafka: expect.anything() }])
    expect(resources.Resources).not.toHaveProperty('BarsRole')
  })
})

describe('a service has no more than it needs', () => {
  test('no table without state, no queues without a query', () => {
    const stateless = deploymentOf(msk, { functions: [aQuery('tape', {})] }).resources.Resources
    expect(stateless).not.toHaveProperty('StateTable')
    expect(stateless).toHaveProperty('DeadLetterQueue')
    const { resources, environment } = deploymentOf(msk, { functions: [producer] })
    expect(Object.keys(resources.Resources)).toEqual([
      'ProducerRole',
      'AlarmTopic',
      'ProducerErrorAlarm',
      'ProducerRunAlarm',
    ])
    expect(environment.producer).not.toHaveProperty('DEAD_LETTER_QUEUE_URL')
  })
  test('an alarm for missed runs only where a schedule runs once a minute', () => {
    for (const [schedule, has] of [
      ['rate(1 minute)', true],
      [{ rate: ['cron(* * * * ? *)'] }, true],
      ['rate(1 hour)', false],
    ] as const) {
      const shop = aFunction('shop', { produces: 'orders', events: [{ schedule }] })
      expect('ShopRunAlarm' in deploymentOf(msk, { functions: [shop] }).resources.Resources).toBe(has)
    }
  })
  test('a network for producers only, and none of ours where a function has one', () => {
    expect(
      deploymentOf({ ...msk, subnetIds: '', securityGroupIds: '' }, { functions: [aQuery('tape', {})] }).vpc,
    ).toEqual({})
    expect(deploymentOf(msk).vpc).toEqual({
      producer: { subnetIds: ['subnet-0a', 'subnet-0b'], securityGroupIds: ['sg-0c'] },
    })
  })
})

describe('the settings of a service', () => {
  test('name its table', () => {
    const { environment, resources } = deploymentOf(msk, { settings: { stateTable: 'groups' } })
    expect(environment.bars).toMatchObject({ STATE_TABLE: 'groups' })
    expect(resources.Resources.StateTable?.Properties).toMatchObject({ TableName: 'groups' })
  })
  test('name the topics that the stack makes, and two of one logical id are refused', () => {
    const { resources } = deploymentOf({ kafka: 'msk-new' }, { settings: { topicIds: { KafkaTopic: 'stock-ticks' } } })
    expect(resources.Resources).toHaveProperty('KafkaTopic')
    expect(resources.Resources).not.toHaveProperty('KafkaTopicStockticks')
    const twice = [...functions, aQuery('other', { topic: 'stock_ticks' })]
    expect(() => deploymentOf({ kafka: 'msk-new' }, { functions: twice })).toThrow(
      'The topics stock-ticks and stock_ticks would both be KafkaTopicStockticks',
    )
  })
  test('are refused where they are unknown', () => {
    expect(() => deploymentOf(msk, { settings: { table: 'groups' } })).toThrow(
      /custom\.microbatch: .*"table".*It takes stateTable, topicIds and registry/,
    )
  })
  test('make no topic whose partitions nobody counts', () => {
    const shop = aFunction('shop', { produces: 'orders' })
    expect(() => deploymentOf({ kafka: 'msk-new' }, { functions: [shop] })).toThrow('{ topic: orders, partitions: … }')
    const counted = aFunction('shop', { produces: { topic: 'orders', partitions: 6 } })
    const { Resources } = deploymentOf({ kafka: 'msk-new' }, { functions: [counted] }).resources
    expect(Resources.KafkaTopicOrders?.Properties).toMatchObject({ PartitionCount: 6 })
  })
})

describe('a query of several topics', () => {
  const all = aFunction('all', { queries: [{ topics: { trades: 3, 'old-trades': 2 }, state: true }] })

  test('is one function with a mapping, a group and an alarm of dropped records for each, and one role', () => {
    const { events, environment, queries, resources } = deploymentOf(msk, { functions: [all] })
    expect(events.all).toMatchObject([
      { msk: { topic: 'trades', consumerGroupId: 'microbatch-dev-all-trades' } },
      { msk: { topic: 'old-trades', consumerGroupId: 'microbatch-dev-all-old-trades' } },
    ])
    expect(environment.all).toMatchObject({ TOPIC: 'trades,old-trades', PARTITIONS: 'trades=3,old-trades=2' })
    expect(queries.all).toEqual({
      topic: 'trades',
      partitions: 3,
      topics: { trades: 3, 'old-trades': 2 },
      consumerGroupId: 'microbatch-dev-all-trades',
      state: true,
    })
    expect(Object.keys(resources.extensions)).toEqual([
      'AllEventSourceMappingMSKMyticksTrades',
      'AllEventSourceMappingMSKMyticksOldtrades',
    ])
    const named = Object.keys(resources.Resources).filter((name) => name.startsWith('All'))
    expect(named.sort()).toEqual([
      'AllErrorAlarm',
      'AllLagAlarm',
      'AllOldtradesDropAlarm',
      'AllRole',
      'AllTradesDropAlarm',
    ])
  })

  test('may read each of its topics, by statements that are there once', () => {
    const { resources } = deploymentOf(msk, { functions: [all] })
    const role = JSON.stringify(resources.Resources.AllRole)
    const sids = Array.from(role.matchAll(/"Sid":"(\w+)"/g), ([, sid]) => sid)
    expect(sids).toEqual([...new Set(sids)])
    for (const name of ['topic/my-ticks/0a1b-2/trades', 'topic/my-ticks/0a1b-2/old-trades'])
      expect(role).toContain(name)
    expect(role).toContain('group/my-ticks/0a1b-2/microbatch-dev-all-old-trades')
  })

  test('has its topics made where the stack makes them', () => {
    const { resources } = deploymentOf({ kafka: 'msk-new' }, { functions: [all] })
    expect(resources.Resources).toMatchObject({
      KafkaTopicTrades: { Properties: { PartitionCount: 3 } },
      KafkaTopicOldtrades: { Properties: { PartitionCount: 2 } },
    })
  })
})
