import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { billTable } from '../../infra/bill.ts'
import { kafkaMapping } from '../../infra/mapping.ts'
import { readParameters } from '../../infra/parameters.ts'
import { roles } from '../../infra/roles.ts'
import { type ResolveVariable, stack } from '../../infra/stack.ts'

/** The defaults of serverless.yml. */
const defaults = {
  kafka: 'local',
  clusterArn: '',
  bootstrapServers: 'localhost:9092',
  auth: '',
  credentials: '',
  rootCertificate: '',
  secretKey: '',
  subnetIds: '',
  securityGroupIds: '',
  minPollers: '',
  maxPollers: '',
  maxRetries: '',
  maxRecordAgeSeconds: '',
  partialBatches: false,
  keepData: false,
  alarmEmail: '',
  maxLag: 10_000,
  brokerDiskGb: 50,
}
const msk = {
  ...defaults,
  kafka: 'msk',
  clusterArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/my-ticks/0a1b-2',
  subnetIds: 'subnet-0a, subnet-0b',
  securityGroupIds: 'sg-0c',
}
const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ticks-AbCdEf'
const other = {
  ...defaults,
  kafka: 'self-managed',
  bootstrapServers: 'b1.example:9096,b2.example:9096',
  credentials: secret,
}
const scram = {
  auth: 'scram-sha-512',
  credentials: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_ticks-AbCdEf',
  secretKey: 'arn:aws:kms:eu-west-1:123456789012:key/0a1b-2',
}
const pollers = { minPollers: '1', maxPollers: '5' }
const names = { service: 'microbatch', stage: 'dev', topic: 'stock-ticks', partitions: 3 }

const resolver =
  (parameters: Readonly<Record<string, unknown>>): ResolveVariable =>
  async (variable) => {
    const [source = '', name = ''] = variable.split(':')
    if (source === 'param') return parameters[name]
    return (
      new Map<string, unknown>([
        ['self:service', 'microbatch'],
        ['sls:stage', 'dev'],
        ['self:custom.topic', 'stock-ticks'],
        ['self:custom.partitions', '3'],
        ['env:PWD, "."', '/home/someone/project'],
        ["env:AWS_ENDPOINT_URL_DYNAMODB, ''", ''],
      ]).get(variable) ?? /'(.*)'/.exec(variable)?.[1]
    )
  }

describe('on a laptop', () => {
  test('the paths of this machine are in the environment, and nothing is to be deployed', async () => {
    const made = await stack(resolver(defaults))
    expect(made.environment).toMatchObject({
      KAFKA_BROKERS: 'localhost:9092',
      DEAD_LETTER_FILE: '/home/someone/project/.local/dead-letters.ndjson',
    })
    expect(made.environment).not.toHaveProperty('DEAD_LETTER_QUEUE_URL')
    expect([made.isDeployable, made.producerVpc]).toEqual([false, null])
    const nothing = { Properties: {} }
    expect(made.resources.extensions).toEqual({
      TapeEventSourceMappingKafkaStockticks: nothing,
      BarsEventSourceMappingKafkaStockticks: nothing,
    })
  })
  test('what is asked of the mapping is asked of the local one too, but nothing is given up', async () => {
    const asked = {
      minPollers: '1',
      maxPollers: '2',
      maxRetries: '3',
      maxRecordAgeSeconds: '60',
      partialBatches: 'true',
    }
    const { resources } = await stack(resolver({ ...defaults, ...asked }))
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
  test('the mappings keep the consumer groups that the local mapping would make', async () => {
    const { events } = await stack(resolver(defaults))
    expect(JSON.stringify(events.bars)).toContain('"consumerGroupId":"microbatch-dev-bars-stock-ticks"')
  })
})

describe('what is deployed', () => {
  test.each([
    ['msk', msk],
    ['self-managed', other],
    ['msk-new', { ...defaults, kafka: 'msk-new' }],
    ['none', { ...defaults, kafka: 'none' }],
  ])('%s holds no path and no address of this machine', async (_name, parameters) => {
    const { environment, isDeployable } = await stack(resolver(parameters))
    expect(isDeployable).toBe(true)
    expect(environment).toMatchObject({
      SERVICE: 'microbatch-dev',
      DEAD_LETTER_QUEUE_URL: { Ref: 'DeadLetterQueue' },
    })
    expect(JSON.stringify(environment)).not.toMatch(/home|DEAD_LETTER_FILE|ENDPOINT/)
  })
})

describe('mappings', () => {
  const mappingOf = (parameters: object, allowsPartialBatches: boolean) =>
    kafkaMapping(readParameters({ ...parameters }), names, 'tape', { allowsPartialBatches })

  test('set failed batches aside, and take limits where there are provisioned pollers', () => {
    const limits = { ...msk, ...pollers, maxRetries: 20, maxRecordAgeSeconds: 3600, partialBatches: 'true' }
    const { events, extensions } = mappingOf(limits, true)
    // The two frameworks name the pollers differently in their events.
    expect(JSON.stringify(events)).not.toMatch(/pollers/i)
    expect(extensions).toEqual({
      TapeEventSourceMappingMSKMyticksStockticks: {
        Properties: {
          ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 5 },
          DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedBatchQueue', 'Arn'] } } },
          MaximumRetryAttempts: 20,
          MaximumRecordAgeInSeconds: 3600,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
    })
  })
  test('keep their mode of polling unless told, and leave provisioned mode by 0 pollers', () => {
    expect(JSON.stringify(mappingOf(msk, true))).not.toContain('ProvisionedPollerConfig')
    const { extensions } = mappingOf({ ...msk, minPollers: '0', maxPollers: '0' }, true)
    expect(JSON.stringify(extensions)).toContain('"ProvisionedPollerConfig":{}')
  })
  test("of the stack's own cluster are made after its topic", () => {
    const { extensions } = mappingOf({ ...defaults, kafka: 'msk-new' }, true)
    expect(extensions).toMatchObject({ TapeEventSourceMappingMSKKafkaClusterStockticks: { DependsOn: ['KafkaTopic'] } })
  })
  test('of a query with state never answer in part, and none is ever bisected', () => {
    const limits = { ...msk, ...pollers, maxRetries: 20, partialBatches: 'true' }
    expect(JSON.stringify(mappingOf(limits, false))).not.toMatch(/FunctionResponseTypes|Bisect/)
    expect(JSON.stringify(mappingOf(limits, true))).not.toContain('Bisect')
  })
  test('of another Kafka carry its credentials', () => {
    const { events } = mappingOf({ ...other, auth: 'plain', rootCertificate: secret }, true)
    expect(events[0]).toMatchObject({
      kafka: { accessConfigurations: { saslPlainAuth: [secret], serverRootCaCertificate: [secret] } },
    })
  })
})

describe('roles', () => {
  test('of a Kafka on the internet have no network, and secrets only where there are some', () => {
    const actions = JSON.stringify(roles(readParameters({ ...other, auth: 'tls', rootCertificate: secret }), names))
    expect(actions).not.toContain('ec2:')
    expect(actions).toContain('secretsmanager:GetSecretValue')
  })
  test('of a mapping with SCRAM on MSK may see which passwords the cluster knows; the producer need not', () => {
    const { TapeRole, ProducerRole } = roles(readParameters({ ...msk, ...scram }), names)
    expect(JSON.stringify(TapeRole)).toContain('kafka:ListScramSecrets')
    expect(JSON.stringify(ProducerRole)).not.toContain('kafka:ListScramSecrets')
    expect(JSON.stringify(roles(readParameters(msk), names))).not.toContain('kafka:ListScramSecrets')
  })
  test('what the state store calls is what the role of bars may call', () => {
    const source = readFileSync('lib/state/stores/dynamodb.ts', 'utf8')
    const called = new Set(Array.from(source.matchAll(/sdk\.(\w+)Command/g), ([, name]) => `dynamodb:${name}`))
    const granted = JSON.stringify(roles(readParameters(msk), names).BarsRole).match(/dynamodb:\w+/g)
    expect(new Set(granted)).toEqual(called)
  })
})

describe('parameters that cannot be are refused by name', () => {
  test.each([
    [{ ...msk, clusterArn: '' }, 'clusterArn: kafka=msk needs the ARN'],
    [{ ...msk, subnetIds: '' }, 'subnetIds: the producer needs subnets'],
    [{ ...msk, auth: 'scram-sha-512', credentials: secret }, 'credentials: the name of a secret for MSK begins'],
    [{ ...msk, ...scram, secretKey: '' }, 'secretKey: MSK takes secrets under a KMS key of your own only'],
    [{ ...other, bootstrapServers: Array(11).fill('b1.example:9096').join() }, 'bootstrapServers: Too big'],
    [{ ...msk, auth: 'plain' }, 'auth: kafka=msk takes iam, scram-sha-512, mtls'],
    [{ ...msk, maxRetries: '5' }, 'maxRetries: needs provisioned pollers'],
    [{ ...defaults, maxRetries: '5' }, 'maxRetries: needs provisioned pollers'],
    [{ ...msk, partialBatches: 'true' }, 'partialBatches: needs provisioned pollers'],
    [{ ...msk, minPollers: '3', maxPollers: '2' }, 'maxPollers: less than minPollers'],
    [{ ...msk, minPollers: '201', maxPollers: '300' }, 'minPollers: '],
    [{ ...msk, minPollers: '0', maxPollers: '5' }, 'minPollers: 0 goes with maxPollers=0'],
    [{ ...msk, minPollers: '0', maxPollers: '0', maxRetries: '5' }, 'maxRetries: needs provisioned pollers'],
    [{ ...msk, maxRecordAgeSeconds: '59' }, 'maxRecordAgeSeconds: '],
    [{ ...msk, securityGroupIds: '' }, 'securityGroupIds: subnetIds and securityGroupIds go together'],
    [{ ...other, credentials: '' }, 'credentials: auth=scram-sha-512 needs the ARN of a secret'],
    [{ ...other, bootstrapServers: 'localhost:9092' }, 'AWS cannot reach an address of this machine'],
    [{ ...other, credentials: '', auth: 'none' }, 'subnetIds: auth=none needs a rootCertificate or a private network'],
    [{ ...other, credentials: 'my-password' }, 'credentials: expected the ARN of a secret'],
    [{ ...defaults, kafka: 'kinesis' }, 'kafka: '],
  ])('%#', (parameters, problem) => {
    expect(() => readParameters(parameters)).toThrow(problem)
  })
})

test('a number of partitions that is none is refused', async () => {
  const resolve: ResolveVariable = async (variable) =>
    variable === 'self:custom.partitions' ? 'three' : resolver(defaults)(variable)
  await expect(stack(resolve)).rejects.toThrow('PARTITIONS=three: expected a whole number from 1')
})

test('the bill in docs/deploy.md is the one that infra/bill.ts computes', () => {
  expect(readFileSync('docs/deploy.md', 'utf8')).toContain(billTable())
})
