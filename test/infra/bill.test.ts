import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bill, billTable, loads, ownQueries } from '../../infra/bill.ts'

test('the bill in docs/deploy.md is the one that infra/bill.ts computes for the queries of serverless.yml', () => {
  expect(readFileSync('docs/deploy.md', 'utf8')).toContain(billTable(ownQueries()))
})

test('one more query costs its invocations, its writes, its alarms', () => {
  const [load] = loads
  if (load === undefined) throw new Error('there is a load')
  const one = bill(load, [{ name: 'bars', state: true }])
  const two = bill(load, [
    { name: 'bars', state: true },
    { name: 'orders', state: true },
  ])
  expect([...two.keys()].filter((item) => !one.has(item))).toEqual(['Lambda: orders', 'DynamoDB: groups of orders'])
  const metrics = 'CloudWatch: metrics and alarms'
  expect((two.get(metrics) ?? 0) - (one.get(metrics) ?? 0)).toBeCloseTo(17 * 0.3 + 3 * 0.1)
})
