// Objects of named columns within a row: what Spark calls a struct. Fields that it does not name are left out, as in the row. Spark
// orders structs field by field, in the order of their definition.

import { type Column, holdIn, permissive } from '../column.ts'
import type { ColumnType } from '../column-type.ts'
import { incompatible } from '../kept-value.ts'
import { strictFields } from '../text/strict-parts.ts'
import { lenientObject } from './lenient-object.ts'
import { compareNullable, decodeNullable, encodeNullable, orderOf, printParts, readPart } from './parts.ts'

type Fields = Readonly<Record<string, unknown>>
type Columns = ReadonlyMap<string, Column<unknown>>

export function structType(columns: Columns): ColumnType<Fields> {
  const fields = [...columns]
  const list = (word: (column: Column<unknown>, name: string) => string): string =>
    fields.map(([name, column]) => word(column, name)).join(', ')
  const nested: { read?: ReturnType<typeof lenientObject> } = {}
  return {
    kind: 'struct',
    name: `struct(${list(({ type }, name) => `${name} ${type.name}`)})`,
    sparkName: `STRUCT<${list(({ type }, name) => `${name}: ${type.sparkName}`)}>`,
    isNumeric: false,
    fields: columns,
    json: {
      wanted: `an object with ${list(({ type, isNullable }, name) => inWords(name, type.json.wanted, isNullable))}`,
      isWhole: false,
      read: () => undefined,
      readWritten(source) {
        if (!source.startsWith('{')) return undefined
        const sources = new Map<string, string>()
        strictFields(source, (name, written) => {
          if (columns.has(name)) sources.set(name, written)
        })
        return made(fields, (name, column) => readPart(column, sources.get(name) ?? 'null'))
      },
      readLenient(source, faults) {
        if (!source.startsWith('{')) return undefined
        // Made at the first object: most schemas are never read this way.
        nested.read ??= lenientObject(columns)
        return nested.read(source, faults).fields
      },
    },
    plain: fields.some(([, { type }]) => type.plain === null) ? null : { kind: 'object', columns },
    wanted: `an object with ${list(({ type, isNullable }, name) => inWords(name, type.wanted, isNullable))}`,
    hold: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? made(fields, (name, column) => holdIn(column, Reflect.get(value, name)))
        : undefined,
    permissive: () => structType(new Map(fields.map(([name, column]) => [name, permissive(column)]))),
    print: (value, maxLength) =>
      printParts('{', fields, '}', maxLength, ([name, { type }], rest) => {
        const field = value[name] ?? null
        return field === null ? 'NULL' : type.print(field, rest)
      }),
    domain: {
      isPrimitive: false,
      isLong: true,
      ...orderOf(fields.map(([, { type }]) => type)),
      compare(left, right) {
        for (const [name, { type }] of fields) {
          const order = compareNullable(type.domain, left[name] ?? null, right[name] ?? null)
          if (order !== 0) return order
        }
        return 0
      },
      encode: (value) => fields.map(([name, { type }]) => encodeNullable(type.domain, value[name] ?? null)),
      decode(encoded) {
        if (!Array.isArray(encoded) || encoded.length !== fields.length)
          throw incompatible(encoded, 'the fields of an object')
        return Object.fromEntries(fields.map(([name, { type }], i) => [name, decodeNullable(type.domain, encoded[i])]))
      },
      canonical: (value) =>
        Object.fromEntries(
          fields.map(([name, { type }]) => {
            const field = value[name] ?? null
            return [name, field === null ? null : type.domain.canonical(field)]
          }),
        ),
    },
  }
}

const inWords = (name: string, wanted: string, isNullable: boolean): string =>
  `${name}: ${wanted}${isNullable ? ' or null' : ''}`

/** The object of the fields' values; undefined where one has none. */
function made(
  fields: readonly (readonly [string, Column<unknown>])[],
  valueIn: (name: string, column: Column<unknown>) => unknown,
): Fields | undefined {
  const object: Record<string, unknown> = {}
  for (const [name, column] of fields) {
    const value = valueIn(name, column)
    if (value === undefined) return undefined
    object[name] = value
  }
  return object
}
