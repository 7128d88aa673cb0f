// JSON that no producer means to write: far deeper, wider or longer than a stack, and small when it is compressed. Each is the
// value of one field, or a whole record.

import { fc } from '@fast-check/vitest'

const levels = 20_000
const many = 50_000

/** Deep and wide values, by name, as text. */
export const hostileValues: ReadonlyMap<string, string> = new Map([
  ['arrays in arrays', '['.repeat(levels) + ']'.repeat(levels)],
  ['objects in objects', '{"symbol":'.repeat(levels) + 1 + '}'.repeat(levels)],
  ['both in turns', '[{"a":'.repeat(levels) + null + '}]'.repeat(levels)],
  ['an array just beyond what Jackson reads', '['.repeat(1001) + ']'.repeat(1001)],
  ['a wide array', `[${'1,'.repeat(many)}1]`],
  ['an object of many fields', `{${Array.from({ length: many }, (_, i) => `"f${i}":0`).join()}}`],
  ['a wide array of deep ones', `[${`${'['.repeat(900)}${']'.repeat(900)},`.repeat(100)}1]`],
  ['a text of megabytes', `"${'x'.repeat(2_100_000)}"`],
  ['a text of wide characters', `"${'株'.repeat(1_000_000)}"`],
  ['a text of escapes', `"${'\\u001b\\n'.repeat(many / 5)}"`],
  ['base64 of megabytes', `"${'A'.repeat(2_200_000)}"`],
  ['nearly base64', `"${'A'.repeat(2_200_000)}?"`],
  ['a number of many digits', '1'.repeat(1_000_000)],
  ['a fraction of many digits', `1.${'0'.repeat(1_000_000)}1`],
  ['an exponent of many digits', `1e${'9'.repeat(100_000)}`],
])

/** A nest of arrays and objects around a value, some thousand levels deep, of a random kind at each. */
export const deepJson: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.constantFrom(['[', ']'], ['[1,', ']'], ['{"a":', '}'], ['{"b":"x","symbol":', '}'], [' [ ', ' ] ']), {
      minLength: 1,
      maxLength: 8,
    }),
    fc.integer({ min: 500, max: 5000 }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  )
  .map(([brackets, times, inner]) => {
    const opened = brackets.map(([open]) => open).join('')
    const closed = brackets.map(([, close]) => close).reverse()
    return opened.repeat(times) + inner + closed.join('').repeat(times)
  })
