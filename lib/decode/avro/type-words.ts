// Avro's types in words, for what is refused: a union of several, a record that contains itself, a type that its column does not take.

import type avsc from 'avsc'
import { avroName, branchesOf, fieldsOf, partOf, precisionOf, scaleOf } from '../../registry/avro/avro-type.ts'
import { columnWords } from '../conversions.ts'
import type { Column } from '../schema.ts'
import { declarable } from './readings.ts'

/**
 * The one type of a field beside null.
 * @returns undefined for a union of several
 */
export function valueType(type: avsc.Type): { readonly type: avsc.Type; readonly isNullable: boolean } | undefined {
  const branches = branchesOf(type)
  const [only, ...others] = branches.filter(({ typeName }) => typeName !== 'null')
  if (only === undefined || others.length > 0) return undefined
  return { type: only, isNullable: branches.length > 1 }
}

/** Why a field of several types, or of none, is no column. */
export const unionWords = (type: avsc.Type): string =>
  `a union of ${branchesOf(type).map(avroName).join(', ')} is no column: a union of one type and null is.`

/** Why a field of this type is no column, and what to do. @param wanted the column that was declared for it */
export function refusal(type: avsc.Type, wanted?: Column<unknown>): string {
  const name = typeName(type)
  const article = /^[aeiou]/.test(name) ? 'an' : 'a'
  const is = isRecursive(type) ? 'it is a recursive record, which no column can hold' : `it is ${article} ${name}`
  const takes = nested(type) ?? declarable(type)
  if (wanted !== undefined) {
    const instead = takes === undefined ? 'leave it out' : `declare it as ${takes}`
    return `${is}, the column is ${columnWords(wanted)}: ${instead}.`
  }
  if (takes === undefined || isRecursive(type) || fieldsOf(type)?.length === 0) {
    return `${is}; no type of column here takes it. Leave it out: declare the other columns with struct({ … }).`
  }
  return `${is}, which has no column of its own: declare it with struct({ … }) as ${takes}.`
}

function typeName(type: avsc.Type): string {
  const name = avroName(type)
  return name === 'decimal' ? `decimal(${precisionOf(type)},${scaleOf(type)})` : name
}

function nested(type: avsc.Type): string | undefined {
  if (fieldsOf(type) !== undefined) return 'struct({ … })'
  if (partOf(type) === undefined) return undefined
  return 'itemsType' in type ? 'array(…)' : 'map(…)'
}

/** Whether a record contains itself, directly or within what it contains. */
export const isRecursive = (type: avsc.Type): boolean => contains(type, type, new Set())

function contains(type: avsc.Type, searched: avsc.Type, seen: Set<avsc.Type>): boolean {
  if (seen.has(type)) return false
  seen.add(type)
  const inner = fieldsOf(type)?.map((field) => field.type) ?? partsOf(type)
  return inner.some((part) => part === searched || contains(part, searched, seen))
}

function partsOf(type: avsc.Type): readonly avsc.Type[] {
  const part = partOf(type)
  if (part !== undefined) return [part]
  const branches = branchesOf(type)
  return branches[0] === type ? [] : branches
}
