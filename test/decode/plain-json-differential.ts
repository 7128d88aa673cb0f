// The fast reader against the definition: whatever text it gives a row for, json.ts gives the same row, to the bit. The unit test
// runs some thousand texts, `npm run chaos` a million.

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
