import { describe, expect, test } from 'vitest'
import { consoleSink, json, type Sink, stream, string, struct, timestamp } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'

const Row = struct({ symbol: string() })

/** A sink that notes what is asked of it, under its name; it cannot be opened while it is down. */
function notingSink(name: string, calls: string[], health = { isDown: false }): Sink<object> {
  return {
    description: name,
    async open() {
      calls.push(`${name} open`)
      if (health.isDown) throw new Error(`${name} is down`)
    },
    async write({ rows }) {
      calls.push(`${name} write ${rows.length}`)
    },
    async close() {
      calls.push(`${name} close`)
    },
  }
}

const driverOf = (sinks: readonly Sink<object>[]) =>
  testDriver(stream('q').readKafka({ topic: 't' }).decode(json(Row)).writeStream({ sinks }))
const aRow = { symbol: 'AAPL' }

describe('the sinks of a query', () => {
  test('are opened before the first batch of a container, all of them, and closed at its end, the last one first', async () => {
    const calls: string[] = []
    const driver = driverOf([notingSink('a', calls), notingSink('b', calls)])
    expect(calls).toEqual([])
    await driver.addRows([aRow])
    await driver.addRows([aRow, aRow])
    await driver.close()
    expect(calls).toEqual([
      'a open',
      'b open',
      'a write 1',
      'b write 1',
      'a write 2',
      'b write 2',
      'b close',
      'a close',
    ])
  })

  test('are opened again in a new container', async () => {
    const calls: string[] = []
    const driver = driverOf([notingSink('a', calls)])
    await driver.addRows([aRow])
    await driver.restart()
    await driver.addRows([aRow])
    expect(calls).toEqual(['a open', 'a write 1', 'a close', 'a open', 'a write 1'])
  })

  test('one that does not open fails the batch before anything is written, and is opened again by the next', async () => {
    const calls: string[] = []
    const health = { isDown: true }
    const driver = driverOf([notingSink('a', calls), notingSink('b', calls, health)])
    await expect(driver.addRows([aRow])).rejects.toThrow('b is down')
    health.isDown = false
    await driver.redeliver()
    expect(calls).toEqual(['a open', 'b open', 'b open', 'a write 1', 'b write 1'])
  })

  test('one that does not close keeps none of the others open', async () => {
    const calls: string[] = []
    const stuck = { ...notingSink('b', calls), close: () => Promise.reject(new Error('b does not close')) }
    const driver = driverOf([notingSink('a', calls), stuck])
    await driver.addRows([aRow])
    await expect(driver.close()).rejects.toThrow('b does not close')
    expect(calls.at(-1)).toBe('a close')
  })

  test('may have neither end', async () => {
    let text = ''
    const sink = consoleSink({ write: (block) => (text += block) })
    const driver = driverOf([sink])
    await driver.addRows([aRow])
    await driver.close()
    expect(text).toContain('AAPL')
  })

  test('none at all is refused when the query is built', () => {
    expect(() => driverOf([])).toThrow(/q: writeStream has no sink.*consoleSink\(\)/)
  })
})

test('a late sink is opened before the first late row', async () => {
  const calls: string[] = []
  const query = stream('q')
    .rows(struct({ time: timestamp() }))
    .withWatermark('time', '0 seconds')
    .groupBy('time')
    .count()
    .writeStream({ sinks: [notingSink('rows', calls)], lateSink: notingSink('late', calls) })
  const driver = testDriver(query)
  await driver.addRows([{ time: 5000 }])
  expect(calls).not.toContain('late open')
  await driver.addRows([{ time: 1000 }])
  await driver.close()
  expect(calls.filter((call) => call.startsWith('late'))).toEqual(['late open', 'late write 1', 'late close'])
})
