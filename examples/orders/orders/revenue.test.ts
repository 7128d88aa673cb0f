import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDriver } from 'microbatch/testing'
import { largeOrders } from './large-orders.ts'
import { revenueByMinute } from './revenue.ts'

const minute = { start: Date.parse('2026-01-05T14:30:00Z'), end: Date.parse('2026-01-05T14:31:00Z') }

const anOrder = (order: object) => ({
  value: JSON.stringify({
    id: 'o-1',
    status: 'paid',
    placedAt: '2026-01-05T14:30:05Z',
    customer: { id: 'c-1', country: 'DE' },
    items: [{ sku: 'mug', quantity: 2, price: 7.5 }],
    ...order,
  }),
})

test('the items of the orders of a minute are added up, by status', async () => {
  const driver = testDriver(revenueByMinute('orders'))
  const lamp = [{ sku: 'lamp', quantity: 1, price: 40 }]
  const { rows } = await driver.addRecords([
    anOrder({ id: 'o-1' }),
    anOrder({ id: 'o-2', status: 'refused' }),
    anOrder({ id: 'o-3', items: lamp, placedAt: '2026-01-05T14:30:59.999Z' }),
  ])
  assert.deepEqual(rows, [
    { window: minute, status: 'paid', orders: 2, items: 3, revenue: 55 },
    { window: minute, status: 'refused', orders: 1, items: 2, revenue: 15 },
  ])
})

test('an order without items is a dead letter that says so, and the others count', async () => {
  const driver = testDriver(revenueByMinute('orders'))
  const { rows, deadLetters } = await driver.addRecords([anOrder({ items: [] }), anOrder({ id: 'o-2' })])
  assert.deepEqual(
    deadLetters.map(({ reason, detail }) => [reason, detail.split(':')[0]]),
    [['WRONG_SHAPE', 'items']],
  )
  assert.equal(rows[0]?.orders, 1)
})

test('only large orders are printed', async () => {
  const driver = testDriver(largeOrders('orders'))
  const sofa = [{ sku: 'sofa', quantity: 1, price: 900 }]
  const { rows } = await driver.addRecords([anOrder({}), anOrder({ id: 'o-2', items: sofa })])
  assert.deepEqual(
    rows.map(({ id, amount }) => [id, amount]),
    [['o-2', 900]],
  )
})
