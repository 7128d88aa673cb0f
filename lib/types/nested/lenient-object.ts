// The fields of an object by the rules of Spark's from_json (catalyst JacksonParser): the same for a record's value and for an
// object within it.

import type { Column, Faults } from '../column-type.ts'
import { readObject } from '../text/lenient-json.ts'

/** Nothing wrong yet. */
export const noFaults = (): Faults => ({ isCorrupt: false, first: null })

export interface LenientObject {
  readonly kind: 'object' | 'blank' | 'malformed'
  /** Every column; all are null where there is no object. */
  readonly fields: Record<string, unknown>
}

/**
 * Prepares the reading of some columns, once. A field of the wrong type is null; one that is null or missing has the column's
 * default. The last of equal names counts, but a wrong type does not replace an earlier value.
 */
export function lenientObject(
  columns: ReadonlyMap<string, Column<unknown>>,
): (text: string, faults: Faults) => LenientObject {
  const types = new Map(Array.from(columns, ([name, { type }]) => [name, type]))
  const nulls: Readonly<Record<string, unknown>> = Object.fromEntries(
    Array.from(columns.keys(), (name) => [name, null]),
  )
  const defaults = [...columns].filter(([, { defaultValue }]) => defaultValue !== undefined)
  return (text, faults) => {
    const fields = { ...nulls }
    let wrong: Set<string> | null = null
    const kind = readObject(text, (name, source) => {
      const type = types.get(name)
      if (type === undefined) return
      const value = source === 'null' ? null : type.json.readLenient(source, faults)
      if (value !== undefined) {
        fields[name] = value
        return
      }
      faults.isCorrupt = true
      faults.first ??= { name, wanted: type.sparkName, source }
      wrong ??= new Set<string>()
      wrong.add(name)
    })
    if (kind !== 'object') return { kind, fields: { ...nulls } }
    for (const [name, { defaultValue }] of defaults) {
      if (fields[name] === null && !isIn(wrong, name)) fields[name] = defaultValue
    }
    return { kind, fields }
  }
}

const isIn = (names: ReadonlySet<string> | null, name: string): boolean => names?.has(name) === true
