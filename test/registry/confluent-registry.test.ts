import { expect, test } from 'vitest'
import { confluentRegistry } from '../../lib/registry/confluent-registry.ts'
import { registryServer } from './registry-server.ts'

const notFound = { status: 404, body: { error_code: 40403, message: 'Schema not found' } }

test('a schema is asked for by its id; Avro is what the registry does not name', async () => {
  await using server = await registryServer(({ path }) =>
    path === '/schemas/ids/7' ? { body: { schema: '"string"' } } : notFound,
  )
  const registry = confluentRegistry({ url: server.url })
  expect(await registry.schema('7')).toEqual({ format: 'AVRO', schema: '"string"', references: [] })
  expect(await registry.schema('8')).toBeNull()
})

test('a path in the URL stays before the path of the API', async () => {
  await using server = await registryServer(() => ({ body: { schema: '{}', schemaType: 'JSON' } }))
  await confluentRegistry({ url: `${server.url}/apis/ccompat/v7` }).schema('7')
  expect(server.asked.map(({ path }) => path)).toEqual(['/apis/ccompat/v7/schemas/ids/7'])
})

test('what a schema names is fetched with it, what others name before them, each once', async () => {
  const bodies = new Map<string, unknown>([
    [
      '/schemas/ids/1',
      {
        schemaType: 'PROTOBUF',
        schema: 'main',
        references: [
          { name: 'a.proto', subject: 'a', version: 2 },
          { name: 'b.proto', subject: 'b/b', version: 1 },
        ],
      },
    ],
    ['/subjects/a/versions/2', { schema: 'A', references: [{ name: 'b.proto', subject: 'b/b', version: 1 }] }],
    ['/subjects/b%2Fb/versions/1', { schema: 'B' }],
  ])
  await using server = await registryServer(({ path }) => (bodies.has(path) ? { body: bodies.get(path) } : notFound))
  const found = await confluentRegistry({ url: server.url }).schema('1')
  expect(found?.references).toEqual([
    { name: 'b.proto', schema: 'B' },
    { name: 'a.proto', schema: 'A' },
  ])
  expect(server.asked).toHaveLength(3)
})

test.each([
  ['given', (url: string) => confluentRegistry({ url, credentials: { username: 'key', password: 's:cret' } })],
  ['in the URL', (url: string) => confluentRegistry({ url: url.replace('//', '//key:s%3Acret@') })],
  [
    'of a function',
    (url: string) => confluentRegistry({ url, credentials: async () => ({ username: 'key', password: 's:cret' }) }),
  ],
])('credentials that are %s go with each request, and into no message', async (_, make) => {
  await using server = await registryServer(() => ({ status: 503, body: 'not now' }))
  const registry = make(server.url)
  expect(registry.description).toBe(server.url)
  await expect(registry.schema('7')).rejects.toThrow(`${server.url}/schemas/ids/7 answered 503: not now`)
  expect(server.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('key:s:cret').toString('base64')}`)
})

test('credentials that could not be had are asked for again', async () => {
  await using server = await registryServer(() => ({ body: { schema: '"string"' } }))
  let asked = 0
  const registry = confluentRegistry({
    url: server.url,
    credentials: async () => {
      asked += 1
      if (asked === 1) throw new Error('no secret yet')
      return { username: 'key', password: 'secret' }
    },
  })
  await expect(registry.schema('7')).rejects.toThrow('no secret yet')
  expect(await registry.schema('7')).toMatchObject({ format: 'AVRO' })
})

test('credentials that were refused are asked for again: a secret may have been rotated', async () => {
  await using server = await registryServer(({ headers }) =>
    headers.authorization === `Basic ${Buffer.from('key:new').toString('base64')}`
      ? { body: { schema: '"string"' } }
      : { status: 401, body: 'no' },
  )
  const passwords = ['old', 'new']
  const credentials = async () => ({ username: 'key', password: passwords.shift() ?? 'newer' })
  const registry = confluentRegistry({ url: server.url, credentials })
  await expect(Promise.all([registry.schema('7'), registry.schema('8')])).rejects.toThrow('answered 401')
  expect(await registry.schema('7')).toMatchObject({ format: 'AVRO' })
})

test.each([
  [401, 'who are you'],
  [500, 'error in the backend data store'],
  [503, ''],
])('an answer of %s says nothing of the schema', async (status, body) => {
  await using server = await registryServer(() => ({ status, body }))
  await expect(confluentRegistry({ url: server.url }).schema('7')).rejects.toThrow(`answered ${status}`)
})

test.each([400, 404, 422])('an answer of %s says that there is no such schema', async (status) => {
  await using server = await registryServer(() => ({ status, body: {} }))
  expect(await confluentRegistry({ url: server.url }).schema('7')).toBeNull()
})

test('a registry that takes too long is given up', async () => {
  await using server = await registryServer(() => undefined)
  await expect(confluentRegistry({ url: server.url, timeoutMs: 20 }).schema('7')).rejects.toThrow(/timeout/)
})

test('on a laptop only this machine is asked, and hosts that were allowed by name', () => {
  const url = 'https://psrc-1.eu-west-1.aws.confluent.cloud'
  expect(() => confluentRegistry({ url, allowedHosts: new Set() })).toThrow(/psrc-1.*not this machine/)
  expect(confluentRegistry({ url, allowedHosts: new Set(['psrc-1.eu-west-1.aws.confluent.cloud']) }).description).toBe(
    url,
  )
})

const given = { format: 'AVRO', schema: '"string"' } as const

test('the latest version of a subject has its id; a subject that is not there has none', async () => {
  await using server = await registryServer(({ path }) =>
    path === '/subjects/bars-value/versions/latest' ? { body: { id: 7, version: 2, schema: '"string"' } } : notFound,
  )
  const registry = confluentRegistry({ url: server.url })
  expect(await registry.latest('bars-value')).toEqual({ id: '7', schema: { ...given, references: [] } })
  expect(await registry.latest('a/b')).toBeNull()
  expect(server.asked.at(-1)?.path).toBe('/subjects/a%2Fb/versions/latest')
})

test('a schema is looked for under a subject, and registered under one', async () => {
  await using server = await registryServer(({ path }) =>
    path.startsWith('/subjects/bars-value') ? { body: { id: path.endsWith('/versions') ? 8 : 7 } } : notFound,
  )
  const registry = confluentRegistry({ url: server.url })
  expect(await registry.find('bars-value', given)).toBe('7')
  expect(await registry.find('others', given)).toBeNull()
  expect(await registry.register('bars-value', { ...given, format: 'PROTOBUF' })).toBe('8')
  expect(server.asked.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
    ['/subjects/bars-value', { schema: '"string"' }],
    ['/subjects/others', { schema: '"string"' }],
    ['/subjects/bars-value/versions', { schema: '"string"', schemaType: 'PROTOBUF' }],
  ])
  expect(server.asked[0]?.headers['content-type']).toContain('schemaregistry')
})

test.each([
  [409, 'it is not compatible with the versions before it. It says: {"error_code":409,"message":"no default"}'],
  [422, 'it finds it invalid. It says: '],
])('a schema that is refused by %i is so in words', async (status, words) => {
  await using server = await registryServer(() => ({ status, body: { error_code: status, message: 'no default' } }))
  const refused = confluentRegistry({ url: server.url }).register('bars-value', given)
  await expect(refused).rejects.toThrow(`the registry refuses the schema: ${words}`)
})
