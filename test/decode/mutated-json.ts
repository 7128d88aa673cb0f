// JSON objects with small damages: texts near the edge of the grammar, where readers of JSON part company.

import { fc } from '@fast-check/vitest'

const pieces = [
  ...'"\\{}[],:.-+eE019 \n\t/#_aé😀\u0001\u007f',
  ...['null', 'true', '\\u00e9', '\\ud83d', '\\q', '1e5', '1.0', '-0', '01', '{}', '[]', '""', '"price":', '"volume":'],
]
const lenientPieces = [...pieces, "'", "\\'", 'NaN', 'Infinity', '-Infinity', '+INF', '-INF', 'INF']

const objects = fc.oneof(
  fc.constantFrom(
    '{"symbol":"AAPL","price":150.25,"volume":1000,"timestamp":1767623401000}',
    '{ "zz" : { "price" : [1, 2.5, {"b": null}] , "c":"\\u00e9\\n" }, "price" : -1.5e3 , "volume" : 12 }',
    '{"symbol":{"a":[1,"x",true]},"price":"Infinity","volume":9007199254740991,"timestamp":null}',
    '{"symbol":[1.50,-0],"price":0.5,"volume":-3,"symbol":"b"} tail',
  ),
  fc
    .dictionary(fc.constantFrom('symbol', 'price', 'volume', 'a'), fc.jsonValue())
    .map((value) => JSON.stringify(value)),
)

const damagedBy = (damages: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(objects, fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom('', ...damages)), { maxLength: 3 }))
    .map(([text, edits]) =>
      edits.reduce((damaged, [place, removed, added]) => {
        const at = place % (damaged.length + 1)
        return damaged.slice(0, at) + added + damaged.slice(at + removed)
      }, text),
    )

/** Damaged by anything, Spark's leniencies among it. */
export const mutated: fc.Arbitrary<string> = damagedBy(lenientPieces)

/**
 * Damaged by nothing that Spark takes and RFC 8259 does not. A quote in a drawn string would do it by a backslash
 * that falls before it.
 */
export const strictlyMutated: fc.Arbitrary<string> = damagedBy(pieces).filter((text) => !text.includes("'"))
