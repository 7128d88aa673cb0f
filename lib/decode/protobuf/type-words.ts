// Protobuf's types in words, for what is refused: a message that contains itself, a field that its column does not take.

import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { columnWords } from '../conversions.ts'
import type { Column } from '../schema.ts'
import { declarable } from './proto-readings.ts'

/** Why a field is no column, and what to do. @param wanted the column that was declared for it, or for a part of it */
export function refusal(field: DescField, wanted?: Column<unknown>): string {
  const isWhole = field.fieldKind !== 'list' && field.fieldKind !== 'map'
  const isEndless = field.message !== undefined && isRecursive(field.message)
  const what = isEndless ? 'a recursive message, which no column can hold' : typeWords(field)
  const takes = isWhole ? (declarable(field) ?? (field.message && 'struct({ … })')) : partWords(field)
  if (wanted === undefined) {
    return `it is ${what}; no type of column here takes it. Leave it out: declare the other columns with struct({ … }).`
  }
  const instead = takes === undefined || isEndless ? 'leave it out' : `declare it as ${takes}`
  return `it is ${what}, the column is ${columnWords(wanted)}: ${instead}.`
}

const partWords = (field: DescField): string => `${field.fieldKind === 'list' ? 'array' : 'map'}(${ofWords(field)})`

const ofWords = (field: DescField): string => declarable(field) ?? 'struct({ … })'

function typeWords(field: DescField): string {
  if (field.fieldKind === 'list') return 'repeated'
  if (field.fieldKind === 'map') return 'a map'
  if (field.enum !== undefined) return `the enum ${field.enum.typeName}`
  if (field.message !== undefined) return `a ${field.message.typeName}`
  return field.scalar === undefined ? 'of no type' : ScalarType[field.scalar].toLowerCase()
}

/** Whether a message contains itself, directly or within what it contains. */
export const isRecursive = (message: DescMessage): boolean => contains(message, message, new Set())

function contains(message: DescMessage, searched: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(message)) return false
  seen.add(message)
  return message.fields.some(({ message: inner }) => inner && (inner === searched || contains(inner, searched, seen)))
}
