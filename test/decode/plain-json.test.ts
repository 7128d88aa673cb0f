import { describe, expect, test } from 'vitest'

import { Tick } from '../../handlers/ticks/tick.ts'
import { compilePlainJson } from '../../lib/decode/plain-json.ts'
import { binary, double, string, struct } from '../../lib/decode/schema.ts'
import { seeded } from '../state/schedule/random.ts'
import { compareFurtherReaders, compareReaders, randomFurtherText, randomText } from './plain-json-differential.ts'

const read = (text: string) => compilePlainJson(Tick.columns)?.(Buffer.from(text))

describe('the fast reader', () => {
  test('reads a tick as a serialiser writes it', () => {
    const tick = { symbol: 'AAPL', price: 150.93, volume: 1112, timestamp: 1_767_623_400_000 }
    expect(read(JSON.stringify(tick))).toEqual(tick)
  })

  test.each([
    ["Python's blanks", '{"symbol": "A", "price": 1, "volume": 1, "timestamp": 1}'],
    ['fields of no column', '{"id":"x","symbol":"A","price":1,"a":1.5,"b":null,"volume":1,"timestamp":1,"more":true}'],
    ['a field of no column twice', '{"symbol":"A","x":1,"x":2,"price":1,"volume":1,"timestamp":1}'],
  ])('reads %s', (_, text) => {
    expect(read(text)).toEqual({ symbol: 'A', price: 1, volume: 1, timestamp: 1 })
  })

  test.each([
    ['an escape', '{"symbol":"A\\u0041","price":1,"volume":1,"timestamp":1}'],
    ['text beyond ASCII', '{"symbol":"é","price":1,"volume":1,"timestamp":1}'],
    ['white space', '{ "symbol":"A","price":1,"volume":1,"timestamp":1}'],
    ['another order', '{"price":1,"symbol":"A","volume":1,"timestamp":1}'],
    ['a field of no column that is an object', '{"symbol":"A","price":1,"volume":1,"timestamp":1,"more":{}}'],
    ['a field of no column that is no JSON', '{"symbol":"A","price":1,"volume":1,"timestamp":1,"more":01}'],
    ['a comma too many', '{"symbol":"A","price":1,"volume":1,"timestamp":1,}'],
    ['a field too few', '{"symbol":"A","price":1,"volume":1}'],
    ['a field twice', '{"symbol":"A","symbol":"B","price":1,"volume":1,"timestamp":1}'],
    ['an exponent', '{"symbol":"A","price":1e2,"volume":1,"timestamp":1}'],
    ['sixteen digits', '{"symbol":"A","price":1.000000000000001,"volume":1,"timestamp":1}'],
    ['what comes after', '{"symbol":"A","price":1,"volume":1,"timestamp":1} '],
    ['nothing', ''],
    ['two blanks', '{"symbol":  "A","price":1,"volume":1,"timestamp":1}'],
    ['a field of no column that has no end', '{"symbol":"A","more":"1'],
    ['a part', '{"symbol":"A","pri'],
  ])('leaves %s to the definition', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  test('is not made for a schema that it could not read', () => {
    expect(compilePlainJson(struct({ bytes: binary() }).columns)).toBeUndefined()
    expect(compilePlainJson(struct({ 'a"b': double() }).columns)).toBeUndefined()
    expect(compilePlainJson(struct({ é: string() }).columns)).toBeUndefined()
  })

  test('gives the rows of the definition, to the bit, for 20,000 texts that are right or nearly so', () => {
    const random = seeded(7)
    let taken = 0
    for (let i = 0; i < 20_000; i += 1) if (compareReaders(randomText(random))) taken += 1
    // A reader that takes nothing is equal to everything.
    expect(taken).toBeGreaterThan(500)
  })

  test('gives them for decimals, days, times of every form, words, lists and objects, too', () => {
    const random = seeded(11)
    let taken = 0
    for (let i = 0; i < 20_000; i += 1) if (compareFurtherReaders(randomFurtherText(random))) taken += 1
    expect(taken).toBeGreaterThan(5000)
  })

  test('has the default of a column where its field is null, nullable or not', () => {
    const venue = string().default('XNAS').nullable()
    expect(compilePlainJson(struct({ venue }).columns)?.(Buffer.from('{"venue":null}'))).toEqual({ venue: 'XNAS' })
  })
})
