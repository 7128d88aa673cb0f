import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deploymentOf, functions, msk, scram, secret, selfManaged } from '../builders.ts'

const roleOf = (parameters: object, name: string): string =>
  JSON.stringify(deploymentOf({ ...parameters }).resources.Resources[name])

test('roles of a Kafka on the internet have no network, and secrets only where there are some', () => {
  const parameters = { ...selfManaged, auth: 'tls', rootCertificate: secret }
  for (const name of ['ProducerRole', 'TapeRole', 'BarsRole']) {
    expect(roleOf(parameters, name)).not.toContain('ec2:')
    expect(roleOf(parameters, name)).toContain('secretsmanager:GetSecretValue')
  }
})

test('a mapping with SCRAM on MSK may see which passwords the cluster knows; the producer need not', () => {
  expect(roleOf({ ...msk, ...scram }, 'TapeRole')).toContain('kafka:ListScramSecrets')
  expect(roleOf({ ...msk, ...scram }, 'ProducerRole')).not.toContain('kafka:ListScramSecrets')
  expect(roleOf(msk, 'TapeRole')).not.toContain('kafka:ListScramSecrets')
})

test('what the state store calls is what the role of a query with state may call, and no other role', () => {
  const source = readFileSync('lib/state/stores/dynamodb.ts', 'utf8')
  const called = new Set(Array.from(source.matchAll(/sdk\.(\w+)Command/g), ([, name]) => `dynamodb:${name}`))
  expect(new Set(roleOf(msk, 'BarsRole').match(/dynamodb:\w+/g))).toEqual(called)
  expect(roleOf(msk, 'TapeRole')).not.toContain('dynamodb:')
})

describe('what the mapping does by the role of a query is denied to the code of its function', () => {
  interface Statement {
    readonly Sid: string
    readonly Effect: string
    readonly Action: readonly string[]
    readonly Resource: readonly unknown[]
    readonly Condition?: unknown
  }
  const statementsOf = (parameters: object, name: string): readonly Statement[] =>
    JSON.parse(roleOf(parameters, name)).Properties.Policies[0].PolicyDocument.Statement
  const deniedOf = (parameters: object, name: string) =>
    statementsOf(parameters, name).filter(({ Effect }) => Effect === 'Deny')

  /** The function's own calls: its log lines, its dead letters, its state, and the keys of these. */
  const own = ['WriteLogs', 'SetBadRecordsAside', 'KeepState', 'UseDataKey']

  test.each([
    ['msk', msk],
    ['msk with SCRAM', { ...msk, ...scram, dataKey: scram.secretKey }],
    ['self-managed', { ...selfManaged, subnetIds: 'subnet-0a', securityGroupIds: 'sg-0c' }],
    ['msk-new', { kafka: 'msk-new' }],
  ])('%s', (_, parameters) => {
    for (const name of ['TapeRole', 'BarsRole']) {
      const denied = deniedOf(parameters, name)
      expect(denied.map(({ Sid }) => Sid)).toEqual(['LeaveFailedBatchesToLambda', 'LeaveKafkaToLambda'])
      const [, kafka] = denied
      const others = statementsOf(parameters, name).filter(
        ({ Effect, Sid }) => Effect === 'Allow' && !own.includes(Sid),
      )
      const actions = others.flatMap(({ Action }) => Action).filter((action) => !/^(?:kms|sqs):/.test(action))
      expect(new Set(kafka?.Action)).toEqual(new Set(actions))
      const allowed = statementsOf(parameters, name).filter(({ Sid }) => own.includes(Sid))
      for (const { Action } of allowed) expect(kafka?.Action).not.toEqual(expect.arrayContaining([...Action]))
    }
  })
  test('by the name of the function, given or not', () => {
    const [query] = functions.filter(({ key }) => key === 'tape')
    const named = query === undefined ? [] : [{ ...query, name: 'my-tape' }]
    const { Resources } = deploymentOf(msk, { functions: named }).resources
    expect(JSON.stringify(Resources.TapeRole)).toContain(':function:my-tape"')
    expect(roleOf(msk, 'TapeRole')).toContain(':function:microbatch-dev-tape"')
  })
  test('but not its own queue of dead letters', () => {
    const [failedBatches] = deniedOf(msk, 'TapeRole')
    expect(failedBatches?.Resource).toEqual([{ 'Fn::GetAtt': ['FailedBatchQueue', 'Arn'] }])
  })
  test('and nothing is where there is no mapping', () => {
    expect(deniedOf({ kafka: 'none', bootstrapServers: 'k:1' }, 'TapeRole')).toEqual([])
  })
})
