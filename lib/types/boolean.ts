// True or false, and nothing that only counts as one of them.

import type { ColumnType } from './column-type.ts'
import { incompatible } from './kept-value.ts'

const truthOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined)

export const booleanType: ColumnType<boolean> = {
  kind: 'boolean',
  name: 'boolean',
  sparkName: 'BOOLEAN',
  isNumeric: false,
  json: {
    wanted: 'true or false',
    isWhole: false,
    read: truthOf,
    readLenient: (source) => (source === 'true' ? true : source === 'false' ? false : undefined),
  },
  plain: { kind: 'boolean' },
  wanted: 'true or false',
  hold: truthOf,
  print: String,
  domain: {
    isPrimitive: true,
    compare: (left, right) => Number(left) - Number(right),
    encode: (value) => value,
    decode(encoded) {
      if (typeof encoded !== 'boolean') throw incompatible(encoded, 'a boolean')
      return encoded
    },
    canonical: (value) => value,
  },
}
