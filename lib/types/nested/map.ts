// Maps from text to values of one type: a Map in rows, since its keys come from records. Its entries are in the order of the JSON.
// Spark has no order for maps, so nothing is grouped or sorted by one.

import { type Column, holdIn, permissive } from '../column.ts'
import type { ColumnType } from '../column-type.ts'
import { incompatible } from '../kept-value.ts'
import { stringType } from '../string.ts'
import { readObject } from '../text/lenient-json.ts'
import { strictFields } from '../text/strict-parts.ts'
import { decodeNullable, encodeNullable, printParts, readPart } from './parts.ts'

type Entries = ReadonlyMap<string, unknown>

export function mapType(to: Column<unknown>): ColumnType<Entries> {
  const { type } = to
  const { domain } = type
  const wanted = `an object, ${to.isNullable ? `${type.wanted} or null` : type.wanted} in each field`
  return {
    kind: 'map',
    name: `map(${type.name})`,
    sparkName: `MAP<STRING, ${type.sparkName}>`,
    isNumeric: false,
    element: to,
    json: {
      wanted,
      isWhole: false,
      read: () => undefined,
      readWritten(source) {
        if (!source.startsWith('{')) return undefined
        const entries = new Map<string, unknown>()
        strictFields(source, (name, written) => entries.set(name, readPart(to, written)))
        return isWhole(entries) ? entries : undefined
      },
      readLenient(source, faults) {
        if (!source.startsWith('{')) return undefined
        const entries = new Map<string, unknown>()
        let isRight = true
        readObject(source, (name, written) => {
          const value = written === 'null' ? null : type.json.readLenient(written, faults)
          if (value === undefined) isRight = false
          else entries.set(name, value)
        })
        return isRight ? entries : undefined
      },
    },
    plain: null,
    wanted: `a Map from strings to ${type.wanted}, or an object`,
    hold(value) {
      const given = value instanceof Map ? value : isPlain(value) ? new Map(Object.entries(value)) : undefined
      if (given === undefined) return undefined
      const entries = new Map<string, unknown>()
      for (const [key, element] of given) {
        if (typeof key !== 'string') return undefined
        entries.set(key, holdIn(to, element))
      }
      return isWhole(entries) ? entries : undefined
    },
    permissive: () => mapType(permissive(to)),
    print: (entries, maxLength) =>
      printParts('{', entries, '}', maxLength, ([key, value], rest) => {
        const text = value === null ? 'NULL' : type.print(value, Math.max(0, rest - key.length))
        return `${key.slice(0, rest + 1)} -> ${text}`
      }),
    domain: {
      isPrimitive: false,
      isLong: true,
      isOrderable: false,
      compare: () => 0,
      encode: (entries) => Array.from(entries, ([key, value]) => [key, encodeNullable(domain, value)]),
      decode(encoded) {
        if (!Array.isArray(encoded)) throw incompatible(encoded, 'the entries of a map')
        return new Map(encoded.map((entry: unknown) => decodedEntry(entry, (value) => decodeNullable(domain, value))))
      },
      canonical: (entries) => entries,
    },
  }
}

function decodedEntry(entry: unknown, decode: (value: unknown) => unknown): readonly [string, unknown] {
  if (!Array.isArray(entry) || entry.length !== 2) throw incompatible(entry, 'an entry of a map')
  const [key, value]: readonly unknown[] = entry
  return [stringType.domain.decode(key), decode(value)]
}

/** Nothing in it is of a wrong type. */
function isWhole(entries: Entries): boolean {
  for (const value of entries.values()) if (value === undefined) return false
  return true
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
