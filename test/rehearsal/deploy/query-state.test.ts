// The bars over HTTP as they would be on AWS: the stack in moto, its functions under AWS's runtime client, the state in moto's DynamoDB. What
// API Gateway does is done by hand: a route of the stack's API is found, and its function invoked with the event of payload 2.0.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { anEvent, aTick, openingBellMs, recordsOf } from '../../builders.ts'
import { type Container, startContainer, unpack } from '../artifact/container.ts'
import type { Outcome } from '../artifact/runtime-api.ts'
import { commandLine, type Package, packageOf, shellOf, sls } from '../variants.ts'
import { type Aws, type Made, startAws } from './aws.ts'

const variant = 'msk'
let aws: Aws
let packaged: Package
let made: ReadonlyMap<string, Made>
const running: Container[] = []

beforeAll(async () => {
  packaged = await packageOf(variant)
  aws = await startAws()
  await sls(['deploy', ...commandLine(variant)], { ...aws.environment, ...shellOf(variant) })
  made = await aws.readBack('microbatch-dev')
})
afterAll(async () => {
  for (const container of running) await container[Symbol.asyncDispose]()
  await aws?.[Symbol.asyncDispose]()
})

async function start(key: string): Promise<Container> {
  await unpack(packaged, key)
  const endpoint = { AWS_ENDPOINT_URL: aws.environment.AWS_ENDPOINT_URL ?? '' }
  const queue = { DEAD_LETTER_QUEUE_URL: made.get('DeadLetterQueue')?.id ?? '' }
  const container = await startContainer(packaged, key, key === 'bars' ? { ...endpoint, ...queue } : endpoint)
  running.push(container)
  return container
}

/** The key of the function that the API of the stack gives a route to. */
function functionAt(routeKey: string): string {
  const parts = [...made.values()]
  const route = parts.find(({ properties }) => properties.RouteKey === routeKey)
  const integration = parts.find(({ id }) => `integrations/${id}` === route?.properties.Target)
  return String(integration?.properties.IntegrationUri).split(':function:microbatch-dev-')[1] ?? ''
}

const request = (symbol: string) => ({
  version: '2.0',
  routeKey: 'GET /bars/{symbol}',
  rawPath: `/bars/${symbol}`,
  rawQueryString: '',
  headers: { accept: '*/*' },
  pathParameters: { symbol },
  isBase64Encoded: false,
})

const answerOf = (outcome: Outcome) => {
  if (outcome.kind !== 'response') throw new Error(`the function gave no answer: ${JSON.stringify(outcome)}`)
  const { statusCode, body } = outcome.body as { readonly statusCode: number; readonly body: string }
  return { statusCode, body: JSON.parse(body) }
}

test('a route of the stack answers from the state that the other function keeps', async () => {
  const key = functionAt('GET /bars/{symbol}')
  expect(key).toBe('bars-api')
  const [bars, api] = [await start('bars'), await start(key)]
  const get = async (symbol: string) => answerOf(await api.invoke(request(symbol)))

  expect(await get('AAPL')).toMatchObject({ statusCode: 503, body: { error: expect.stringContaining('first batch') } })

  const batch = (offset: number, ...seconds: readonly number[]) =>
    anEvent(
      recordsOf(
        seconds.map((second) => aTick({ timestamp: openingBellMs + second * 1000 })),
        { offset },
      ),
    )
  expect(await bars.invoke(batch(0, 0, 1, 4))).toMatchObject({ kind: 'response', body: { name: 'bars' } })
  const first = await get('AAPL')
  expect(first).toMatchObject({
    statusCode: 200,
    body: {
      symbol: 'AAPL',
      bars: [
        { window: { start: openingBellMs }, ticks: 2 },
        { window: { start: openingBellMs + 3000 }, ticks: 1 },
      ],
      asOf: { batchId: 0, offsets: { 'stock-ticks-0': 3 } },
    },
  })
  // The container has the state in memory by now, and reads what is new.
  expect(await bars.invoke(batch(3, 5))).toMatchObject({ kind: 'response' })
  expect((await get('AAPL')).body).toMatchObject({ bars: [{ ticks: 2 }, { ticks: 2 }], asOf: { batchId: 1 } })
  expect(await get('NONE')).toMatchObject({ statusCode: 404 })
})
