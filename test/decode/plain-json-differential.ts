// The fast reader against the definition: whatever text it gives a row for, json.ts gives the same row, to the bit. The unit test
// runs some thousand texts, `npm run chaos` a million.

import { inspect } from 'node:util'
import { array, bigint, date, decimal, float, oneOf, timestampNtz } from '../../lib/decode/columns.ts'
import { compilePlainJson } from '../../lib/decode/plain-json.ts'
import { boolean, double, int, long, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { json } from '../../lib/index.ts'
import { aRecord } from '../builders.ts'
import type { Random } from '../state/schedule/random.ts'

const columns = {
  text: string(),
  number: double(),
  whole: long().nullable(),
  small: int(),
  flag: boolean(),
  at: timestamp(),
}
const plain = compilePlainJson(struct(columns).columns)
/** A column that the fast reader cannot read: the whole schema is read the slow way. */
const slow = json(struct({ ...columns, é: string().nullable() }))

/** Pieces of texts that are nearly right. */
const pieces = [
  ...['0', '-0', '1', '12', '007', '-1', '1.0', '1.50', '.5', '5.', '1e3', '1E-2', '1e400', '+1', '--1', '1.2.3', '-'],
  ...[
    '123456789012345',
    '1234567890123456',
    '0.1',
    '0.30000000000000004',
    '100.000000000000001',
    '450359962737049.75e1',
    '1e-400',
    '4.35',
    '1.005',
    '9007199254740993',
  ],
  ...[
    '2147483647',
    '2147483648',
    '-2147483648',
    '-62135596800000',
    '-62135596800001',
    '253402300799999',
    '253402300800000',
  ],
  ...[
    'null',
    'true',
    'false',
    'nul',
    'True',
    'NaN',
    '""',
    '"a"',
    '"AAPL"',
    '"a\\n"',
    '"\\u0041"',
    '"é"',
    '"\u0001"',
    '"a',
    'a"',
  ],
  ...['{}', '[]', '{"text":1}', ' ', '\t', ',', ':', '"text":"b"', '"more":1', '\ufeff', '}'],
]

const canonical = (random: Random): string =>
  JSON.stringify({
    text: random.pick(['AAPL', '', 'x'.repeat(40), 'a b', 'é', 'q"q', '\\', '\u0007']),
    number: random.pick([0, -0.5, 1e21, 1e-7, 150.25, random.next() * 1000, Math.round(random.next() * 1e6) / 100]),
    whole: random.pick([null, 0, -1, 2 ** 53 - 1, 1e15, random.between(0, 1e9)]),
    small: random.pick([0, -1, 2 ** 31 - 1, 2 ** 31, random.between(0, 1000)]),
    flag: random.chance(0.5),
    at: random.pick([0, -1, 1_767_623_400_000, 253_402_300_799_999, 253_402_300_800_000]),
  })

export function randomText(random: Random): string {
  let text = canonical(random)
  // Python's json.dumps writes it so.
  if (random.chance(0.3)) text = text.replaceAll(',"', ', "').replaceAll('":', '": ')
  if (random.chance(0.3)) {
    const places = [...text.matchAll(/[{,] ?(?=")/g)]
    const place = places.length === 0 ? undefined : random.pick(places)
    if (place !== undefined) {
      const at = place.index + place[0].length
      const name = random.pick(['"more":', '"text":', '"at": ', '"":', '"a b":', '"é":', '"x', 'x":'])
      text = `${text.slice(0, at)}${name}${random.pick(pieces)},${text.slice(at)}`
    }
  }
  for (let changes = random.between(0, 3); changes > 0; changes -= 1) {
    const at = random.between(0, text.length)
    const length = random.chance(0.4) ? 0 : random.between(1, 6)
    const tokens = [...text.matchAll(/(?<=:)[^,}]+/g)]
    const token = tokens.length === 0 ? undefined : random.pick(tokens)
    if (token !== undefined && random.chance(0.6))
      text = text.slice(0, token.index) + random.pick(pieces) + text.slice(token.index + token[0].length)
    else text = text.slice(0, at) + (random.chance(0.5) ? random.pick(pieces) : '') + text.slice(at + length)
  }
  return text
}

const further = {
  id: bigint(),
  price: decimal(9, 3),
  paid: decimal(9, 2, { from: 'text' }).nullable(),
  side: oneOf('buy', 'sell').default('buy'),
  day: date(),
  seen: timestamp({ unit: 'iso', zone: 'Europe/Paris' }),
  local: timestampNtz(),
  seconds: timestamp({ unit: 'seconds' }),
  when: timestamp({ pattern: 'dd.MM.yyyy HH:mm' }),
  due: date({ pattern: 'yyyyMMdd' }),
  weight: float(),
  rate: double({ from: 'text' }),
  lots: array(long().nullable()),
  fills: array(struct({ price: decimal(6, 2), tags: array(string()), of: struct({ n: int().nullable() }).nullable() })),
}
const plainFurther = compilePlainJson(struct(further).columns)
const slowFurther = json(struct({ ...further, é: string().nullable() }))

const furtherPieces = [
  ...pieces,
  ...[
    '[]',
    '[1,null]',
    '[1, 2]',
    '[1,]',
    '[,]',
    '[[1]]',
    '[1',
    '{"n":1}',
    '{"n":null}',
    '{"n":1,"n":2}',
    '{"m":1}',
    '{}',
  ],
  ...[
    '"2026-01-05"',
    '"2026-02-29"',
    '"2026-01-05T14:30:00Z"',
    '"2026-03-29T02:30:00"',
    '"20260105"',
    '"05.01.2026 14:30"',
  ],
  ...[
    '"buy"',
    '"hold"',
    '"19.99"',
    '"1e2"',
    '" 1"',
    '"NaN"',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
  ],
  ...[
    '123456.789',
    '999999.999',
    '1000000',
    '0.0001',
    '1.10',
    '1767623400.25',
    '1767623400',
    '{"price":1.5,"tags":["a"],"of":null}',
  ],
]

const canonicalFurther = (random: Random): string =>
  JSON.stringify({
    id: random.pick([0, -1, 2 ** 53 - 1, random.between(0, 1e9)]),
    price: random.pick([0, 1.5, -999999.999, Math.round(random.next() * 1e6) / 1000]),
    paid: random.pick([null, '19.99', '0', '-1.5']),
    side: random.pick(['buy', 'sell']),
    day: random.pick(['2026-01-05', '2024-02-29']),
    seen: random.pick(['2026-01-05T14:30:00.123456+05:30', '2026-03-29T02:30:00', '2026-01-05']),
    local: random.pick(['2026-01-05T14:30:00', '2026-01-05 14:30:00.5']),
    seconds: random.pick([1767623400, 1767623400.25, -1]),
    when: random.pick(['05.01.2026 14:30']),
    due: random.pick(['20260105']),
    weight: random.pick([0.1, 1.5, -0, 16777217]),
    rate: random.pick(['19.99', '-1e3', 'NaN']),
    lots: random.pick([[], [1, null, 3], Array.from({ length: 5 }, () => random.between(0, 99))]),
    fills: random.pick([
      [],
      [{ price: 1.5, tags: ['a', 'b'], of: { n: 1 } }],
      [
        { price: 1.25, tags: [], of: null, more: 1 },
        { price: 0, tags: ['x'], of: { n: null } },
      ],
    ]),
  })

/** A text of further types: right but for its changes, since one value of fourteen leaves all of it to the definition. */
export function randomFurtherText(random: Random): string {
  let text = canonicalFurther(random)
  if (random.chance(0.3)) text = text.replaceAll(',"', ', "').replaceAll('":', '": ')
  for (let changes = random.chance(0.5) ? 0 : random.between(1, 2); changes > 0; changes -= 1) {
    const tokens = [...text.matchAll(/(?<=[:[,])[^,:[\]{}]+/g)]
    const token = tokens.length === 0 ? undefined : random.pick(tokens)
    if (token === undefined) continue
    text = text.slice(0, token.index) + random.pick(furtherPieces) + text.slice(token.index + token[0].length)
  }
  return text
}

export function compareFurtherReaders(text: string): boolean {
  const value = Buffer.from(text)
  const fast = plainFurther?.(value)
  if (fast === undefined) return false
  const answer = slowFurther.decode(aRecord({ value }))
  if (answer.kind !== 'row') throw new Error(`${text} is no row: ${answer.reason} (${answer.detail})`)
  const { é: _, ...expected } = answer.row
  // Every value, with its type and the order of its fields.
  const [left, right] = [fast, expected].map((row) => inspect(row, { depth: null }))
  if (left !== right) throw new Error(`${text}: ${left} in place of ${right}`)
  return true
}

/** @returns whether the fast reader took the text; throws where it took it for another row than the definition */
export function compareReaders(text: string): boolean {
  const value = Buffer.from(text)
  const fast = plain?.(value)
  if (fast === undefined) return false
  const answer = slow.decode(aRecord({ value }))
  if (answer.kind !== 'row') throw new Error(`${text} is no row: ${answer.reason} (${answer.detail})`)
  const { é: _, ...expected } = answer.row
  const names = Object.keys(expected)
  if (Object.keys(fast).join() !== names.join()) throw new Error(`${text}: ${Object.keys(fast)} in place of ${names}`)
  for (const [name, wanted] of Object.entries(expected))
    if (!Object.is(fast[name], wanted)) throw new Error(`${text}: ${name} is ${fast[name]} in place of ${wanted}`)
  return true
}
