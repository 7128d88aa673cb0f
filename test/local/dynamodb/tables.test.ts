import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createTables, stateTablesOf, tablesOf } from '../../../local/dynamodb/tables.ts'

const table = (Properties: unknown) => ({ Resources: { StateTable: { Type: 'AWS::DynamoDB::Table', Properties } } })
const keys = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
}

test('tables come from the resources with their keys alone; other resources are none', () => {
  expect(tablesOf(table({ TableName: 'state', BillingMode: 'PROVISIONED', ...keys }))).toEqual([
    { TableName: 'state', ...keys },
  ])
  expect(tablesOf({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } })).toEqual([])
  expect(tablesOf(undefined)).toEqual([])
})

test('a table for the state of queries is known by its keys', () => {
  const key = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' as const })
  const of = (TableName: string, ...names: readonly string[]) => ({
    TableName,
    AttributeDefinitions: [],
    KeySchema: names.map(key),
  })
  expect(stateTablesOf([of('state', 'pk', 'sk'), of('users', 'id'), of('half', 'pk')])).toEqual(['state'])
})

test('a table without a name in plain text is refused, with its path in serverless.yml', () => {
  const name = { 'Fn::Sub': 'state-$' }
  expect(() => tablesOf(table({ TableName: name, ...keys }))).toThrow(/resources\.Resources\.StateTable.*TableName/s)
})

test('an endpoint that takes the request and never answers is given up, with its address', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  try {
    await expect(createTables(endpoint, tablesOf(table({ TableName: 'state', ...keys })), 50)).rejects.toMatchObject({
      code: 'DYNAMODB_UNAVAILABLE',
      message: expect.stringContaining(endpoint),
    })
  } finally {
    silent.closeAllConnections()
    silent.close()
  }
})
