import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { aQuery, deploymentOf, local, msk, noEndpoints, pollers, scram, secret, selfManaged } from './builders.ts'

const url = 'https://registry.example.com'
const credentials = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf'
const glue = 'arn:aws:glue:eu-west-1:123456789012:registry/shop'
const functions = ['codec', 'json', 'source'].map((registry) => aQuery(registry, { registry }))
const provisioned = { ...selfManaged, ...pollers }

const made = (parameters: object, registry: object | undefined, queries = functions, registryUrl = '') =>
  deploymentOf(
    { ...parameters },
    {
      functions: [...queries, aQuery('plain', {})],
      settings: { registry },
      local: { deadLetterFile: 'f', dynamoDbEndpoint: '', allowRemote: '', registryUrl, sinkEndpoints: noEndpoints },
    },
  )

interface Statement {
  readonly Sid: string
  readonly Effect: string
  readonly Action: readonly string[]
  readonly Resource: readonly unknown[]
}
const statementsOf = (deployment: ReturnType<typeof made>, name: string): readonly Statement[] =>
  Object(deployment.resources.Resources[`${name}Role`]?.Properties).Policies[0].PolicyDocument.Statement

describe('the variables of a function', () => {
  test('name the registry where its codec asks, and nowhere else', () => {
    const { environment } = made(provisioned, { url, credentials })
    for (const name of ['codec', 'source'])
      expect(environment[name]).toMatchObject({ SCHEMA_REGISTRY_URL: url, SCHEMA_REGISTRY_CREDENTIALS: credentials })
    for (const name of ['json', 'plain']) expect(JSON.stringify(environment[name])).not.toContain('SCHEMA_REGISTRY')
  })

  test('say `glue` for a registry of AWS Glue', () => {
    const { codec } = made(provisioned, { glue }).environment
    expect(codec).toMatchObject({ SCHEMA_REGISTRY_URL: 'glue' })
    expect(codec).not.toHaveProperty('SCHEMA_REGISTRY_CREDENTIALS')
  })

  test.each([
    ['', 'http://localhost:8081'],
    ['http://localhost:9999', 'http://localhost:9999'],
  ])('are those of this machine on a laptop, %s', (given, expected) => {
    const deployment = made({ ...local, ...pollers }, { url, credentials }, functions, given)
    expect(deployment.environment.codec).toMatchObject({ SCHEMA_REGISTRY_URL: expected })
    expect(/registry\.example\.com|registry-AbCdEf/.test(JSON.stringify(deployment))).toBe(false)
    expect(JSON.stringify(deployment.resources.extensions)).toContain(`"SchemaRegistryURI":"${expected}"`)
  })
})

describe('the mapping', () => {
  const extensionOf = (parameters: object, registry: object, name: string) => {
    const { extensions } = made(parameters, registry).resources
    const [found] = Object.entries(extensions).filter(([id]) => id.startsWith(name))
    return Object(found?.[1]).Properties
  }

  test('asks it in the form that the query says, by the secret', () => {
    expect(extensionOf(provisioned, { url, credentials }, 'Json')).toMatchObject({
      SelfManagedKafkaEventSourceConfig: {
        ConsumerGroupId: 'microbatch-dev-json-stock-ticks',
        SchemaRegistryConfig: {
          SchemaRegistryURI: url,
          EventRecordFormat: 'JSON',
          SchemaValidationConfigs: [{ Attribute: 'VALUE' }],
          AccessConfigs: [{ Type: 'BASIC_AUTH', URI: credentials }],
        },
      },
    })
  })

  test('of MSK asks Glue by its role', () => {
    const { AmazonManagedKafkaEventSourceConfig: config } = extensionOf({ ...msk, ...pollers }, { glue }, 'Source')
    expect(config.SchemaRegistryConfig).toEqual({
      SchemaRegistryURI: glue,
      EventRecordFormat: 'SOURCE',
      SchemaValidationConfigs: [{ Attribute: 'VALUE' }],
    })
  })

  test('is left alone where the codec asks', () => {
    expect(JSON.stringify(extensionOf(provisioned, { url }, 'Codec'))).not.toContain('SchemaRegistry')
  })
})

describe('the role', () => {
  const sids = (deployment: ReturnType<typeof made>, name: string) =>
    statementsOf(deployment, name).map(({ Sid }) => Sid)

  test('reads schemas of Glue, which have no name, and the registry where the mapping asks', () => {
    const deployment = made({ ...msk, ...pollers }, { glue })
    const of = (name: string) => statementsOf(deployment, name).filter(({ Action }) => /^glue:/.test(String(Action)))
    const schemas = { Sid: 'ReadSchemas', Effect: 'Allow', Action: ['glue:GetSchemaVersion'], Resource: ['*'] }
    const registry = { Sid: 'SeeRegistry', Effect: 'Allow', Action: ['glue:GetRegistry'], Resource: [glue] }
    expect(of('Codec')).toEqual([schemas])
    expect(of('Source')).toEqual([registry, schemas])
    expect(of('Plain')).toEqual([])
  })

  test('reads the secret of the registry, and the key of secrets where there is one', () => {
    const deployment = made({ ...msk, ...scram, ...pollers }, { url, credentials })
    for (const name of ['Codec', 'Json', 'Source'])
      expect(sids(deployment, name)).toEqual(expect.arrayContaining(['ReadRegistrySecret', 'DecryptRegistrySecret']))
    expect(sids(deployment, 'Plain').filter((sid) => /Registry/.test(sid))).toEqual([])
    expect(sids(made(provisioned, { url }), 'Codec').filter((sid) => /Registry/.test(sid))).toEqual([])
  })

  test("lets the code see the registry's secret and not Kafka's, where its codec asks", () => {
    const deployment = made({ ...selfManaged, ...pollers, rootCertificate: secret }, { url, credentials })
    const denied = (name: string) =>
      statementsOf(deployment, name)
        .filter(({ Effect, Action }) => Effect === 'Deny' && Action.includes('secretsmanager:GetSecretValue'))
        .map(({ Resource }) => Resource)
    expect(denied('Codec')).toEqual([[selfManaged.credentials, secret]])
    expect(denied('Source')).toEqual([[selfManaged.credentials, secret]])
    expect(denied('Json')).toEqual([['*']])
    expect(denied('Plain')).toEqual([['*']])
  })
})

describe('a query whose sink writes by the registry', () => {
  const writer = (schemas: string, registry: object) =>
    made(msk, registry, [aQuery('bars', { sinks: { TOTALS_TOPIC: { topic: 'totals', schemas } } })])
  const own = [glue, 'arn:aws:glue:eu-west-1:123456789012:schema/shop/*']

  test('is told of it, and reads its secret', () => {
    const deployment = writer('register', { url, credentials })
    expect(deployment.environment.bars).toMatchObject({
      SCHEMA_REGISTRY_URL: url,
      SCHEMA_REGISTRY_CREDENTIALS: credentials,
    })
    expect(statementsOf(deployment, 'Bars').map(({ Sid }) => Sid)).toContain('ReadRegistrySecret')
    expect(JSON.stringify(deployment.resources.extensions)).not.toContain('SchemaRegistryConfig')
  })

  test.each([
    ['find', [{ Action: ['glue:GetSchemaByDefinition'], Resource: own }]],
    [
      'register',
      [
        { Action: ['glue:GetSchemaByDefinition'], Resource: own },
        { Action: ['glue:CreateSchema', 'glue:RegisterSchemaVersion'], Resource: own },
      ],
    ],
  ])('may %s schemas in that registry of Glue', (schemas, expected) => {
    const statements = statementsOf(writer(schemas, { glue }), 'Bars').filter(({ Sid }) => /Schemas$/.test(Sid))
    expect(statements).toMatchObject([{ Action: ['glue:GetSchemaVersion'], Resource: ['*'] }, ...expected])
  })
})

describe('a deployment is refused, in words', () => {
  test.each([
    [
      'a query of a registry that the service does not have',
      provisioned,
      undefined,
      /functions\.codec: registry: codec, and the service has no registry\. Declare it: custom\.microbatch\.registry/,
    ],
    [
      'a mapping without pollers of its own',
      selfManaged,
      { url },
      /functions\.json: registry: json needs provisioned pollers/,
    ],
    ['a registry that is none', provisioned, { url: 'registry' }, /custom\.microbatch: registry: url: expected a URL/],
    ['an ARN that is none', provisioned, { glue: 'arn:aws:glue' }, /custom\.microbatch: registry: /],
  ])('for %s', (_, parameters, registry, words) => {
    expect(() => made(parameters, registry)).toThrow(words)
  })

  test('for a sink with schemas where there is no registry', () => {
    const sinks = { TOTALS_TOPIC: { topic: 'totals', schemas: 'find' } }
    expect(() => made(provisioned, undefined, [aQuery('bars', { sinks })])).toThrow(
      'functions.bars: a sink has schemas, and the service has no registry. Declare it: custom.microbatch.registry',
    )
  })

  test('for another word', () => {
    expect(() => made(provisioned, { url }, [aQuery('tape', { registry: 'mapping' })])).toThrow(
      'functions.tape: query: registry',
    )
  })
})

test('infra/README.md has the key of a query, of the settings, and the variables', () => {
  const page = readFileSync('infra/README.md', 'utf8')
  for (const word of ['registry', 'SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_CREDENTIALS'])
    expect(page).toContain(`\`${word}\``)
})
