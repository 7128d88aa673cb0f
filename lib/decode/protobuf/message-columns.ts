// The columns that the fields of a message become, where a codec is given a descriptor and no schema.

import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { FeatureSet_FieldPresence as Presence } from '@bufbuild/protobuf/wkt'
import { MicrobatchError } from '../../error.ts'
import { array, map } from '../columns.ts'
import { type Column, type Schema, struct } from '../schema.ts'
import { scalarColumn } from './proto-readings.ts'
import { isRecursive, refusal } from './type-words.ts'

/**
 * @throws MicrobatchError SCHEMA_INVALID naming the field that no column takes
 * @example schemaOf(TradeSchema).columns.get('price')?.kind // 'double'
 */
export const schemaOf = (message: DescMessage): Schema<unknown> =>
  struct(Object.fromEntries(message.fields.map((field) => [field.localName, columnOf(field)])))

function columnOf(field: DescField): Column<unknown> {
  const value = scalarColumn(field) ?? nestedColumn(field)
  if (value === undefined) {
    const problem = `protobuf: field ${field.name} of ${field.parent.typeName}: ${refusal(field)}`
    throw new MicrobatchError('SCHEMA_INVALID', problem)
  }
  if (field.fieldKind === 'list') return array(value)
  if (field.fieldKind === 'map') return map(value)
  return mayBeUnset(field) ? value.nullable() : value
}

/** A message within: one that does not contain itself, and has fields. */
const nestedColumn = ({ message }: DescField): Column<unknown> | undefined =>
  message === undefined || isRecursive(message) || message.fields.length === 0 ? undefined : schemaOf(message)

/** Whether a row may have null for the field: where its file tells a value that is missing from the default. */
const mayBeUnset = ({ presence }: DescField): boolean =>
  presence !== Presence.IMPLICIT && presence !== Presence.LEGACY_REQUIRED
