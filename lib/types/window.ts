// The column of a window: a struct of two times, start inclusive and end exclusive. The state of an aggregation keeps its end
// beside the key; other operators keep the whole of it.

import type { ColumnType } from './column-type.ts'
import { decodeList, incompatible } from './kept-value.ts'
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
    encode: ({ start, end }) => [start, end],
    decode(encoded) {
      const [start, end] = decodeList(encoded)
      if (typeof start !== 'number' || typeof end !== 'number') throw incompatible(encoded, 'a window')
      return { start, end }
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
