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
