import { expect, test } from 'vitest'
import { registryFromEnvironment } from '../../lib/lambda/index.ts'
import { registryServer } from '../registry/registry-server.ts'

const laptop = { SCHEMA_REGISTRY_URL: 'http://localhost:8081' }
const lambda = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', AWS_REGION: 'eu-west-1' }

test('a URL is a registry of Confluent’s kind, the word glue AWS Glue', () => {
  expect(registryFromEnvironment(laptop)).toMatchObject({ framing: 'confluent', description: 'http://localhost:8081' })
  expect(registryFromEnvironment({ ...lambda, SCHEMA_REGISTRY_URL: 'glue' })).toMatchObject({ framing: 'glue' })
})

test('on a laptop only this machine is asked, and hosts that were allowed by name', () => {
  const elsewhere = { SCHEMA_REGISTRY_URL: 'https://registry.example.com' }
  expect(() => registryFromEnvironment(elsewhere)).toThrow(
    /registry\.example\.com.*ALLOW_REMOTE=registry\.example\.com/,
  )
  const allowed = registryFromEnvironment({ ...elsewhere, ALLOW_REMOTE: 'registry.example.com' })
  expect(allowed.description).toBe('https://registry.example.com')
  expect(registryFromEnvironment({ ...elsewhere, ...lambda }).description).toBe('https://registry.example.com')
})

test.each([
  ['none', {}],
  ['what is no URL', { SCHEMA_REGISTRY_URL: 'localhost' }],
])('%s is refused, naming the variable', (_, environment) => {
  expect(() => registryFromEnvironment(environment)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('SCHEMA_REGISTRY_URL') }),
  )
})

test('the credentials are those of the secret', async () => {
  await using server = await registryServer(({ headers }) =>
    headers['x-amz-target'] === 'secretsmanager.GetSecretValue'
      ? { body: { SecretString: JSON.stringify({ username: 'key', password: 'secret' }) } }
      : { body: { schema: '"int"' } },
  )
  const registry = registryFromEnvironment({
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_ENDPOINT_URL: server.url },
    ...{ SCHEMA_REGISTRY_URL: server.url, SCHEMA_REGISTRY_CREDENTIALS: 'arn:aws:secretsmanager:eu-west-1:1:secret:x' },
  })
  expect(await registry.schema('7')).toMatchObject({ format: 'AVRO' })
  expect(server.asked[1]?.headers.authorization).toBe(`Basic ${Buffer.from('key:secret').toString('base64')}`)
})
