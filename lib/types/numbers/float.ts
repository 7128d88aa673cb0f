// A 32-bit float: in rows the double that it is exactly. A number between two of them becomes the nearer one, in JSON too: that
// is the nature of the type, and what every reader of JSON does.

import type { ColumnType } from '../column-type.ts'
import { doubleType } from '../double.ts'
import { javaFloat } from '../text/java-double.ts'

const nearest = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.fround(value)

export const floatType: ColumnType<number> = {
  ...doubleType,
  kind: 'float',
  name: 'float',
  sparkName: 'FLOAT',
  json: {
    ...doubleType.json,
    read: (value) => nearest(doubleType.json.read(value)),
    readLenient: (source, faults) => nearest(doubleType.json.readLenient(source, faults)),
  },
  plain: { kind: 'double', take: nearest },
  hold: (value) => nearest(doubleType.hold(value)),
  print: javaFloat,
}
