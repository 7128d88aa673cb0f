import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deploymentOf, msk, scram, secret, selfManaged } from '../builders.ts'

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
