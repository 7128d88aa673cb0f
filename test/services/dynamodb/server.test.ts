// The embedded DynamoDB API as the handlers use it: through Amazon's own client, over kills and restarts.
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startDynamoDb } from '../../../local/dynamodb/server.ts'
import { createTables, tablesOf } from '../../../local/dynamodb/tables.ts'
import { type Child, startChild } from '../../../local/process/child.ts'
import { freePort } from '../../../local/process/port.ts'

const TableName = 'a-state'
const resources = {
  Resources: {
    StateTable: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      Properties: {
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      },
    },
    Bucket: { Type: 'AWS::S3::Bucket' },
  },
}

let folder: string
let port: number
let client: DynamoDBClient
const running: Child[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-dynamodb-'))
  port = await freePort()
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterEach(async () => {
  client.destroy()
  await Promise.all(running.splice(0).map((child) => child.kill()))
  rmSync(folder, { recursive: true, force: true })
})

const item = (sk: string, rev: string) => ({ pk: { S: 'bars' }, sk: { S: sk }, rev: { S: rev }, body: { S: '{}' } })
const putNew = (sk: string, rev: string) =>
  client.send(new PutItemCommand({ TableName, Item: item(sk, rev), ConditionExpression: 'attribute_not_exists(pk)' }))
const replace = (sk: string, rev: string, expected: string) =>
  client.send(
    new PutItemCommand({
      TableName,
      Item: item(sk, rev),
      ConditionExpression: 'rev = :rev',
      ExpressionAttributeValues: { ':rev': { S: expected } },
    }),
  )

async function keysBetween(from: string, to: string, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let start: QueryCommandOutput['LastEvaluatedKey']
  const page = (ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey']) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': { S: 'bars' }, ':from': { S: from }, ':to': { S: to } },
        ConsistentRead: true,
        Limit: limit,
        ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
      }),
    )
  do {
    const answer = await page(start)
    pages.push((answer.Items ?? []).map(({ sk }) => sk?.S ?? ''))
    start = answer.LastEvaluatedKey
  } while (start !== undefined)
  return pages
}

test('it makes the table of the resources once, puts on condition and reads what was written', async () => {
  const dynamoDb = await startDynamoDb({ folder, port })
  try {
    expect(dynamoDb.endpoint).toBe(`http://127.0.0.1:${port}`)
    expect(await createTables(dynamoDb.endpoint, tablesOf(resources))).toEqual([TableName])
    expect(await createTables(dynamoDb.endpoint, tablesOf(resources))).toEqual([])
    const { Table } = await client.send(new DescribeTableCommand({ TableName }))
    expect(Table?.KeySchema).toEqual(resources.Resources.StateTable.Properties.KeySchema)

    await putNew('w|10', 'a')
    await expect(putNew('w|10', 'b')).rejects.toBeInstanceOf(ConditionalCheckFailedException)
    await expect(replace('w|10', 'b', 'z')).rejects.toBeInstanceOf(ConditionalCheckFailedException)
    await replace('w|10', 'b', 'a')
    for (const sk of ['w|09', 'w|11', 'w|12', 'x|00']) await putNew(sk, 'a')
    expect(await keysBetween('w|10', 'w|99', 2)).toEqual([['w|10', 'w|11'], ['w|12']])
    expect(statSync(join(folder, 'lock')).isFile()).toBe(true)
  } finally {
    await dynamoDb.stop()
  }
})

test('many writers of one item: each condition holds for one of them alone', async () => {
  const dynamoDb = await startDynamoDb({ folder, port })
  try {
    await createTables(dynamoDb.endpoint, tablesOf(resources))
    await putNew('w|0', '0')
    for (let round = 0; round < 5; round += 1) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, writer) => replace('w|0', `${round + 1}`, `${round}`).then(() => writer)),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  } finally {
    await dynamoDb.stop()
  }
})

async function inProcess(): Promise<Child> {
  const script = join(import.meta.dirname, '../fixtures/dynamodb.ts')
  const args = [script, folder, String(port)]
  const child = await startChild({ command: process.execPath, args, stdio: ['ignore', 'pipe', 'inherit'] })
  running.push(child)
  if (child.process.stdout === null) throw new Error('started without a pipe')
  await once(child.process.stdout, 'data')
  return child
}

test('what was answered is there after a kill -9 at any moment, and the table with it', async () => {
  let last = 0
  for (let life = 0; life < 3; life += 1) {
    const child = await inProcess()
    const made = await createTables(`http://127.0.0.1:${port}`, tablesOf(resources))
    expect(made).toEqual(life === 0 ? [TableName] : [])
    if (life > 0) {
      const read = new GetItemCommand({ TableName, Key: { pk: { S: 'bars' }, sk: { S: 'w|0' } }, ConsistentRead: true })
      const { Item } = await client.send(read)
      // one more than what was answered at the most: the write that was under way
      expect([last, last + 1]).toContain(Number(Item?.rev?.S))
      last = Number(Item?.rev?.S)
    } else await putNew('w|0', '0')
    const target = last + 200
    const writing = (async () => {
      for (;;) {
        await replace('w|0', String(last + 1), String(last))
        last += 1
        if (last === target) child.process.kill('SIGKILL')
      }
    })()
    await expect(writing).rejects.toThrow()
    await child.exited
    expect(last).toBeGreaterThanOrEqual(target)
  }
}, 60_000)

test('a second process on the folder and a second one on the port are refused by name; stop gives both back', async () => {
  const dynamoDb = await startDynamoDb({ folder, port })
  await expect(startDynamoDb({ folder: `${folder}/other`, port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringMatching(`Port ${port} is taken by process ${process.pid} .*DYNAMODB_PORT`),
  })
  await expect(startDynamoDb({ folder, port: await freePort() })).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
    message: expect.stringContaining(`process ${process.pid}`),
  })
  await dynamoDb.stop()
  await (await startDynamoDb({ folder, port })).stop()
})

test('a port that a connection of this machine has as its own end is refused in the same words', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const to = typeof address === 'object' && address !== null ? address.port : 0
  const connection = connect(to, '127.0.0.1')
  await once(connection, 'connect')
  const own = connection.localPort ?? 0
  await expect(startDynamoDb({ folder, port: own })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  connection.destroy()
  server.close()
  await once(server, 'close')
})

test('a client that dies in the middle of its request does not take it along', async () => {
  const dynamoDb = await startDynamoDb({ folder, port })
  try {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 99\r\n\r\n{"half',
    )
    await createTables(dynamoDb.endpoint, tablesOf(resources)) // by now the half request is being read
    socket.resetAndDestroy()
    await once(socket, 'close')
    await putNew('w|1', 'a')
    expect(await keysBetween('w', 'x', 10)).toEqual([['w|1']])
  } finally {
    await dynamoDb.stop()
  }
})
