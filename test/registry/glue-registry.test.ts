import { expect, test } from 'vitest'
import { glueRegistry } from '../../lib/registry/glue-registry.ts'
import { type Answer, registryServer } from './registry-server.ts'

const id = '0f8fad5b-d9cb-469f-a165-70867728950e'

async function ask(answer: Answer) {
  await using server = await registryServer(() => answer)
  const registry = glueRegistry({
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: 'http://nobody.invalid',
    AWS_ENDPOINT_URL_GLUE: server.url,
  })
  return { schema: await registry.schema(id), asked: server.asked }
}

test('a schema version is asked for by its UUID, signed', async () => {
  const { schema, asked } = await ask({
    body: { SchemaDefinition: '"string"', DataFormat: 'AVRO', Status: 'AVAILABLE' },
  })
  expect(schema).toEqual({ format: 'AVRO', schema: '"string"', references: [] })
  expect(asked[0]).toMatchObject({
    body: JSON.stringify({ SchemaVersionId: id }),
    headers: { 'x-amz-target': 'AWSGlue.GetSchemaVersion', authorization: expect.stringContaining('/eu-west-1/glue/') },
  })
})

test.each([
  ['an id that Glue does not know', { status: 400, body: { __type: 'EntityNotFoundException', Message: 'none' } }],
  ['one that it finds malformed', { status: 400, body: { __type: 'com.amazonaws#InvalidInputException' } }],
  ['a version that failed', { body: { SchemaDefinition: '', DataFormat: 'AVRO', Status: 'FAILURE' } }],
])('there is no schema for %s', async (_, answer) => {
  expect((await ask(answer)).schema).toBeNull()
})

test('a refusal says nothing of the schema', async () => {
  const denied = {
    status: 400,
    body: { __type: 'AccessDeniedException', Message: 'not authorized to glue:GetSchemaVersion' },
  }
  await expect(ask(denied)).rejects.toThrow(/answered 400 .*GetSchemaVersion/)
})

const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
const given = { format: 'AVRO', schema: '"string"' } as const
const operationOf = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): string =>
  String(headers['x-amz-target']).replace('AWSGlue.', '')
const none = { status: 400, body: { __type: 'EntityNotFoundException', Message: 'none' } }

test('a name that is new is made, a version of one that is there is registered when Glue has checked it', async () => {
  const names = new Set(['known'])
  let checks = 0
  await using server = await registryServer((asked) => {
    const operation = operationOf(asked)
    const { SchemaId, SchemaName = SchemaId?.SchemaName } = JSON.parse(asked.body)
    if (operation === 'CreateSchema') return { body: { SchemaVersionId: 'new', SchemaVersionStatus: 'AVAILABLE' } }
    if (operation === 'GetSchemaVersion') {
      checks += 1
      return { body: { Status: checks < 2 ? 'PENDING' : 'AVAILABLE' } }
    }
    return names.has(SchemaName) ? { body: { SchemaVersionId: 'next', Status: 'PENDING' } } : none
  })
  const registry = glueRegistry({ ...environment, AWS_ENDPOINT_URL: server.url }, { registryName: 'shop' })
  expect(await registry.register('bars', given)).toBe('new')
  expect(await registry.register('known', given)).toBe('next')
  expect(server.asked.map(operationOf)).toEqual([
    ...['RegisterSchemaVersion', 'CreateSchema', 'RegisterSchemaVersion', 'GetSchemaVersion', 'GetSchemaVersion'],
  ])
  expect(JSON.parse(server.asked[1]?.body ?? '')).toEqual({
    RegistryId: { RegistryName: 'shop' },
    ...{ SchemaName: 'bars', DataFormat: 'AVRO', Compatibility: 'BACKWARD', SchemaDefinition: '"string"' },
  })
})

test('a version that is incompatible is refused in words', async () => {
  await using server = await registryServer(() => ({ body: { SchemaVersionId: 'next', Status: 'FAILURE' } }))
  const registry = glueRegistry({ ...environment, AWS_ENDPOINT_URL: server.url })
  await expect(registry.register('bars', given)).rejects.toThrow(
    'AWS Glue refuses the schema: it is not compatible with the versions before it (FAILURE)',
  )
})
