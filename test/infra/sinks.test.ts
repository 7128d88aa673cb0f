import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { aFunction, aQuery, deploymentOf, local, msk, noEndpoints, scram } from './builders.ts'

const places = {
  ARCHIVE_BUCKET: { bucket: 'shop-archive', prefix: 'bars/' },
  ALERTS_URL: { queue: 'alerts' },
  BUS: { bus: 'shop' },
  TOTALS_TABLE: { table: 'totals' },
}
const made = Object.fromEntries(Object.entries(places).map(([name, place]) => [name, { ...place, create: true }]))
const elsewhere = {
  ALERTS_URL: { queue: 'arn:aws-cn:sqs:cn-north-1:210987654321:alerts.fifo' },
  BUS: { bus: 'arn:aws:events:eu-west-1:210987654321:event-bus/shop' },
  TOTALS_TABLE: { table: 'arn:aws:dynamodb:eu-west-1:210987654321:table/totals' },
}
const key = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b-2'
const sub = (text: string) => ({ 'Fn::Sub': text.replaceAll('AWS:', `\${AWS::`).replaceAll(';', '}') })

const deployed = (sinks: object, parameters: object = msk, sinkEndpoints = noEndpoints) =>
  deploymentOf(
    { ...parameters },
    {
      functions: [aQuery('bars', { state: true, sinks }), aQuery('tape', {})],
      local: { deadLetterFile: 'f', dynamoDbEndpoint: '', allowRemote: '', registryUrl: '', sinkEndpoints },
    },
  )
type Deployed = ReturnType<typeof deployed>
interface Statement {
  readonly Sid: string
  readonly Effect: string
  readonly Action: readonly string[]
  readonly Resource: readonly unknown[]
}
const statementsOf = (deployment: Deployed, name = 'Bars'): readonly Statement[] =>
  Object(deployment.resources.Resources[`${name}Role`]?.Properties).Policies[0].PolicyDocument.Statement
const sinkSids = /^(PutObjects|SendRows|PutEvents|PutRows|UseKeysOf\w+)$/
const sinkStatements = (deployment: Deployed) => statementsOf(deployment).filter(({ Sid }) => sinkSids.test(Sid))

describe('a function is told of its sinks', () => {
  test('that are there: their names, and the URL of a queue of its own account', () => {
    expect(deployed(places).environment.bars).toMatchObject({
      ARCHIVE_BUCKET: 'shop-archive',
      ALERTS_URL: sub('https://sqs.AWS:Region;.AWS:URLSuffix;/AWS:AccountId;/alerts'),
      BUS: 'shop',
      TOTALS_TABLE: 'totals',
    })
  })

  test('that the stack makes: by a reference, so that they are there before it', () => {
    expect(deployed(made).environment.bars).toMatchObject({
      ARCHIVE_BUCKET: { Ref: 'SinkBucketShoparchive' },
      ALERTS_URL: { Ref: 'SinkQueueAlerts' },
      BUS: { Ref: 'SinkBusShop' },
      TOTALS_TABLE: { Ref: 'SinkTableTotals' },
    })
  })

  test('of other accounts: their ARNs, and the URL of the queue', () => {
    expect(deployed(elsewhere).environment.bars).toMatchObject({
      ALERTS_URL: 'https://sqs.cn-north-1.amazonaws.com.cn/210987654321/alerts.fifo',
      BUS: elsewhere.BUS.bus,
      TOTALS_TABLE: elsewhere.TOTALS_TABLE.table,
    })
  })

  test('and no other function is', () => {
    const { environment } = deployed(places)
    for (const name of Object.keys(places)) expect(environment.tape).not.toHaveProperty(name)
  })

  test('on a laptop without an API by names for which the sinks take files', () => {
    const { bars } = deployed(made, local).environment
    expect(bars).toMatchObject({
      ARCHIVE_BUCKET: 'shop-archive',
      ALERTS_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/alerts',
      BUS: 'shop',
      TOTALS_TABLE: 'totals',
    })
    expect(Object.keys(bars ?? {}).filter((name) => /^AWS_ENDPOINT_URL_(S3|SQS|EVENT)/.test(name))).toEqual([])
  })

  test('on a laptop with APIs of what it declares, and of no more', () => {
    const endpoints = {
      s3: 'http://127.0.0.1:9090',
      sqs: 'http://127.0.0.1:9324',
      eventBridge: 'http://127.0.0.1:5000',
    }
    expect(deployed(made, local, endpoints).environment.bars).toMatchObject({
      ALERTS_URL: 'http://127.0.0.1:9324/000000000000/alerts',
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventBridge,
    })
    const { ARCHIVE_BUCKET } = places
    const { bars, tape } = deployed({ ARCHIVE_BUCKET }, local, endpoints).environment
    expect(bars).toHaveProperty('AWS_ENDPOINT_URL_S3')
    expect(bars).not.toHaveProperty('AWS_ENDPOINT_URL_SQS')
    expect(tape).not.toHaveProperty('AWS_ENDPOINT_URL_S3')
  })
})

describe('the role may', () => {
  test('call what each sink calls, on what is declared', () => {
    const account = 'AWS:Region;:AWS:AccountId;'
    const expected = [
      ['PutObjects', 's3:PutObject', sub('arn:AWS:Partition;:s3:::shop-archive/bars/*')],
      ['SendRows', 'sqs:SendMessage', sub(`arn:AWS:Partition;:sqs:${account}:alerts`)],
      ['PutEvents', 'events:PutEvents', sub(`arn:AWS:Partition;:events:${account}:event-bus/shop`)],
      ['PutRows', 'dynamodb:PutItem', sub(`arn:AWS:Partition;:dynamodb:${account}:table/totals`)],
    ]
    for (const sinks of [places, made]) {
      const statements = sinkStatements(deployed(sinks))
      expect(statements.map(({ Sid, Action, Resource }) => [Sid, ...Action, ...Resource])).toEqual(expected)
    }
    expect(statementsOf(deployed(places), 'Tape').filter(({ Sid }) => sinkSids.test(Sid))).toEqual([])
  })

  test('reach places of other accounts by their ARNs', () => {
    expect(sinkStatements(deployed(elsewhere)).flatMap(({ Resource }) => Resource)).toEqual([
      elsewhere.ALERTS_URL.queue,
      elsewhere.BUS.bus,
      elsewhere.TOTALS_TABLE.table,
    ])
  })

  test('call for the sinks what they call, as their sources say', () => {
    const calls: readonly (readonly [string, RegExp, string])[] = [
      ['lib/sink/files/s3-api.ts', /(\w+)Command/g, 's3:PutObject'],
      ['lib/sink/messages/event-bridge-api.ts', /(\w+)Command/g, 'events:PutEvents'],
      ['lib/sink/tables/dynamo-api.ts', /(\w+)Command/g, 'dynamodb:PutItem'],
    ]
    for (const [file, pattern, action] of calls) {
      const called = new Set(Array.from(readFileSync(file, 'utf8').matchAll(pattern), ([, name]) => name))
      expect([file, ...called]).toEqual([file, action.split(':')[1]])
    }
    // A batch of messages needs the permission for one: Service Authorization Reference, "Amazon SQS".
    expect(readFileSync('lib/sink/messages/sqs-sink.ts', 'utf8')).toContain('SendMessageBatchCommand')
  })

  test('use the keys of what is under one of your own, by way of its service alone', () => {
    const other = 'arn:aws:kms:eu-west-1:123456789012:key/9f8e-7'
    const sinks = { ...made, OTHER_BUCKET: { bucket: 'other', kmsKey: other }, OPEN_BUCKET: { bucket: 'open' } }
    const keys = sinkStatements(deployed(sinks, { ...msk, dataKey: key })).filter(({ Sid }) => Sid.startsWith('Use'))
    const via = (service: string) => ({
      StringEquals: { 'kms:ViaService': [sub(`${service}.AWS:Region;.AWS:URLSuffix;`)] },
    })
    expect(keys).toMatchObject([
      { Sid: 'UseKeysOfBuckets', Action: ['kms:GenerateDataKey'], Resource: [key, other], Condition: via('s3') },
      { Sid: 'UseKeysOfQueues', Resource: [key], Condition: via('sqs') },
      { Sid: 'UseKeysOfTables', Resource: [key], Condition: via('dynamodb') },
    ])
    expect(sinkStatements(deployed(made)).filter(({ Sid }) => Sid.startsWith('Use'))).toEqual([])
  })
})

describe('a query that writes to topics', () => {
  const sinks = { TOTALS_TOPIC: { topic: 'totals', partitions: 6 } }
  const allowed = (deployment: Deployed, name: string, effect = 'Allow') =>
    new Set(
      statementsOf(deployment, name)
        .filter(({ Effect }) => Effect === effect)
        .flatMap(({ Action }) => Action),
    )

  test('is told of them, and is in the network of Kafka', () => {
    const deployment = deployed(sinks)
    expect(deployment.environment.bars).toMatchObject({ TOTALS_TOPIC: 'totals' })
    expect(deployed(places).vpc).toEqual({ bars: null })
    expect(deployed({}).vpc).toEqual({})
    expect(deployment.vpc).toEqual({ bars: { subnetIds: ['subnet-0a', 'subnet-0b'], securityGroupIds: ['sg-0c'] } })
  })

  test('may write there and nowhere else, which is not denied to its code; the rest of Kafka is', () => {
    for (const parameters of [msk, { ...msk, ...scram }]) {
      const deployment = deployed(sinks, parameters)
      const statements = statementsOf(deployment)
      expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length)
      const writer = deploymentOf(parameters, {
        functions: [aFunction('bars', { produces: 'totals' })],
      })
      const written = allowed(writer, 'Bars')
      for (const action of written) expect(allowed(deployment, 'Bars')).toContain(action)
      const denied = allowed(deployment, 'Bars', 'Deny')
      const own = [...written].filter((action) => !/^(logs|ec2|kms):/.test(action))
      expect(own.filter((action) => denied.has(action))).toEqual([])
      for (const action of allowed(deployed({}, parameters), 'Bars', 'Deny'))
        if (!own.includes(action)) expect(denied).toContain(action)
    }
    const write = statementsOf(deployed(sinks)).find(({ Sid }) => Sid === 'WriteTopic')
    expect(write?.Resource).toEqual(['arn:aws:kafka:eu-west-1:123456789012:topic/my-ticks/0a1b-2/totals'])
    expect(allowed(deployed({}), 'Tape')).not.toContain('kafka-cluster:WriteData')
    expect(allowed(deployed(sinks), 'Tape')).not.toContain('kafka-cluster:WriteData')
  })

  test('has them made with its cluster', () => {
    const { Resources } = deployed(sinks, { kafka: 'msk-new' }).resources
    expect(Resources.KafkaTopicTotals).toMatchObject({ Properties: { TopicName: 'totals', PartitionCount: 6 } })
  })

  test('needs subnets that reach MSK', () => {
    const { subnetIds, securityGroupIds, ...without } = msk
    expect(() => deployed(sinks, without)).toThrow('subnetIds')
    expect(() => deployed({}, without)).not.toThrow()
  })
})

describe('the stack', () => {
  test('makes nothing for a sink unless it is asked to', () => {
    const ids = (sinks: object) => Object.keys(deployed(sinks).resources.Resources)
    expect(ids(places)).toEqual(ids({}))
    expect(ids(made).filter((id) => !ids({}).includes(id))).toEqual([
      'SinkBucketShoparchive',
      'SinkQueueAlerts',
      'SinkBusShop',
      'SinkTableTotals',
    ])
  })

  test('makes them closed, encrypted, and kept where data are', () => {
    const { Resources } = deployed(made, { ...msk, dataKey: key, keepData: true }).resources
    expect(Resources).toMatchObject({
      SinkBucketShoparchive: {
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: {
          BucketName: 'shop-archive',
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { KMSMasterKeyID: key } }],
          },
        },
      },
      SinkQueueAlerts: { DeletionPolicy: 'RetainExceptOnCreate', Properties: { KmsMasterKeyId: key } },
      SinkTableTotals: {
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: {
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          SSESpecification: { KMSMasterKeyId: key },
        },
      },
    })
    const plain = deployed(made).resources.Resources
    expect(JSON.stringify(plain)).not.toMatch(/kms/i)
    expect(plain.SinkQueueAlerts).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { SqsManagedSseEnabled: true },
    })
  })

  test('gives a table the key of its rows, and a FIFO queue its kind', () => {
    const sinks = {
      BARS: { table: 'bars', key: { symbol: 'string', start: 'number' }, create: true },
      ORDERED_URL: { queue: 'ordered.fifo', create: true },
    }
    expect(deployed(sinks).resources.Resources).toMatchObject({
      SinkTableBars: {
        Properties: {
          AttributeDefinitions: [
            { AttributeName: 'symbol', AttributeType: 'S' },
            { AttributeName: 'start', AttributeType: 'N' },
          ],
          KeySchema: [
            { AttributeName: 'symbol', KeyType: 'HASH' },
            { AttributeName: 'start', KeyType: 'RANGE' },
          ],
        },
      },
      SinkQueueOrderedfifo: { Properties: { QueueName: 'ordered.fifo', FifoQueue: true } },
    })
  })

  test('makes a place once for several queries, which may have prefixes of their own', () => {
    const sinks = (prefix: string) => ({ BUCKET: { bucket: 'shop', prefix, create: true } })
    const both = ['bars', 'tape'].map((name) => aQuery(name, { sinks: sinks(`${name}/`) }))
    const { Resources } = deploymentOf(msk, { functions: both }).resources
    expect(Object.keys(Resources).filter((id) => id.startsWith('Sink'))).toEqual(['SinkBucketShop'])
    expect(JSON.stringify(Resources.TapeRole)).toContain(':s3:::shop/tape/*')
    expect(JSON.stringify(Resources.TapeRole)).not.toContain('shop/bars/')
  })

  test('tells the commands of a laptop', () => {
    expect(deployed({ ALERTS_URL: { queue: 'alerts' } }, local).queries).toMatchObject({
      bars: { sinks: { ALERTS_URL: { queue: 'alerts', create: false } } },
    })
    expect(deployed({}).queries.tape).not.toHaveProperty('sinks')
  })
})

describe('a deployment is refused, in words', () => {
  test.each([
    ['a kind that is none', { A: { stream: 'totals' } }, /sinks: A: expected one of \{ bucket \}, \{ queue \}/],
    ['no place', { A: 'shop' }, /sinks: A: expected one of/],
    ['a name that is none', { A: { bucket: 'Shop' } }, /sinks: A: bucket: expected the name of a bucket/],
    ['an ARN of something else', { A: { queue: 'arn:aws:sns:eu-west-1:123456789012:a' } }, /an ARN of sqs/],
    ['another word', { A: { bus: 'shop', prefix: 'a/' } }, /sinks: A: .*prefix/],
    ['three attributes of a key', { A: { table: 'bars', key: { a: 'string', b: 'number', c: 'binary' } } }, /or two/],
    ['a variable of AWS', { AWS_BUCKET: { bucket: 'shop' } }, /sinks: AWS_BUCKET: .*begin with AWS_/],
    ['a variable that is taken', { TOPIC: { bucket: 'shop' } }, /functions\.bars: sinks: TOPIC is a variable/],
    ['one elsewhere to make', { A: { ...elsewhere.BUS, create: true } }, /sinks: A: what the stack makes has a name/],
    [
      'two descriptions of one',
      { A: { table: 'bars', create: true }, B: { table: 'bars', key: { b: 'string' }, create: true } },
      /sinks: B: bars makes it, too, and describes it otherwise/,
    ],
  ])('for %s', (_, sinks, words) => {
    expect(() => deployed(sinks)).toThrow(words)
  })

  test('for sinks of a function that only writes to Kafka, which has none', () => {
    const producer = aFunction('producer', { produces: { topic: 'ticks', sinks: {} } })
    expect(() => deploymentOf(msk, { functions: [producer] })).toThrow('functions.producer: produces')
  })
})

test('infra/README.md has every word of a sink', () => {
  const page = readFileSync('infra/README.md', 'utf8')
  for (const word of ['sinks', 'bucket', 'prefix', 'queue', 'bus', 'table', 'key', 'create', 'kmsKey', 'topic'])
    expect(page).toContain(`\`${word}\``)
})
