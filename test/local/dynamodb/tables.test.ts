import { expect, test } from 'vitest'
import { tablesOf } from '../../../local/dynamodb/tables.ts'

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

test('a table without a name in plain text is refused, with its path in serverless.yml', () => {
  const name = { 'Fn::Sub': 'state-$' }
  expect(() => tablesOf(table({ TableName: name, ...keys }))).toThrow(/resources\.Resources\.StateTable.*TableName/s)
})
