// Lists of values of one type: an array in rows. A wrong element makes the whole list wrong, as in Spark, but for objects, which
// keep their other fields. Spark orders lists element by element, the shorter first, a null before everything.

import { type Column, holdIn, permissive } from '../column.ts'
import type { ColumnType } from '../column-type.ts'
import { incompatible } from '../kept-value.ts'
import { lenientElements } from '../text/lenient-parts.ts'
import { strictElements } from '../text/strict-parts.ts'
import { compareNullable, decodeNullable, encodeNullable, orderOf, printParts, readPart } from './parts.ts'

type List = readonly unknown[]

export function arrayType(of: Column<unknown>): ColumnType<List> {
  const { type } = of
  const { domain } = type
  return {
    kind: 'array',
    name: `array(${type.name})`,
    sparkName: `ARRAY<${type.sparkName}>`,
    isNumeric: false,
    element: of,
    json: {
      wanted: `a list, ${inWords(type.json.wanted, of)} each`,
      isWhole: false,
      read: () => undefined,
      readWritten(source) {
        if (!source.startsWith('[')) return undefined
        const list: unknown[] = []
        const isRight = strictElements(source, (element) => {
          const value = readPart(of, element)
          list.push(value)
          return value !== undefined
        })
        return isRight ? list : undefined
      },
      readLenient(source, faults) {
        if (!source.startsWith('[')) return undefined
        const list: unknown[] = []
        const isRight = lenientElements(source, (element) => {
          const value = element === 'null' ? null : type.json.readLenient(element, faults)
          list.push(value)
          return value !== undefined
        })
        return isRight ? list : undefined
      },
    },
    plain: type.plain === null ? null : { kind: 'list', of },
    wanted: `a list, ${inWords(type.wanted, of)} each`,
    hold(value) {
      if (!Array.isArray(value)) return undefined
      const list = value.map((element: unknown) => holdIn(of, element))
      return list.includes(undefined) ? undefined : list
    },
    permissive: () => arrayType(permissive(of)),
    print: (list, maxLength) => printParts('[', list, ']', maxLength, (element, rest) => type.print(element, rest)),
    domain: {
      isPrimitive: false,
      isLong: true,
      ...orderOf([type]),
      compare(left, right) {
        for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
          const order = compareNullable(domain, left[i], right[i])
          if (order !== 0) return order
        }
        return left.length - right.length
      },
      encode: (list) => list.map((element) => encodeNullable(domain, element)),
      decode(encoded) {
        if (!Array.isArray(encoded)) throw incompatible(encoded, 'a list')
        return encoded.map((element: unknown) => decodeNullable(domain, element))
      },
      canonical: (list) => list.map((element) => (element === null ? null : domain.canonical(element))),
    },
  }
}

const inWords = (wanted: string, { isNullable }: Column<unknown>): string => (isNullable ? `${wanted} or null` : wanted)
