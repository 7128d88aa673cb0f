// The column of a window: a struct of two times, start inclusive and end exclusive. State keeps its end beside the key, so it is
// never encoded here.

import type { ColumnType } from './column-type.ts'
import { incompatible } from './kept-value.ts'
import { timestampText } from './text/timestamp-text.ts'

interface Bounds {
  readonly start: number
  readonly end: number
}

export const windowType: ColumnType<Bounds> = {
  kind: 'window',
  name: 'window',
  sparkName: 'STRUCT<start: TIMESTAMP, end: TIMESTAMP>',
  isNumeric: false,
  json: { wanted: 'nothing', isWhole: false, read: () => undefined, readLenient: () => undefined },
  plain: null,
  wanted: 'a start and an end',
  hold: (value) => (isBounds(value) ? value : undefined),
  print: ({ start, end }) => `{${timestampText(start)}, ${timestampText(end)}}`,
  domain: {
    isPrimitive: false,
    compare: (left, right) => left.start - right.start || left.end - right.end,
    encode: (value) => {
      throw incompatible(value, 'a value of a column')
    },
    decode: (encoded) => {
      throw incompatible(encoded, 'a value of a column')
    },
    canonical: (value) => value,
  },
}

const isBounds = (value: unknown): value is Bounds =>
  typeof value === 'object' &&
  value !== null &&
  'start' in value &&
  'end' in value &&
  typeof value.start === 'number' &&
  typeof value.end === 'number'
