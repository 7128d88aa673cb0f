// The columns that the fields of a message become, where a codec is given a descriptor and no schema.

import type { DescMessage } from '@bufbuild/protobuf'
import { MicrobatchError } from '../../error.ts'
import { columnOfKind } from '../column-of-kind.ts'
import { type Schema, struct } from '../schema.ts'
import { mayBeUnset } from './message-reader.ts'
import { readingOf, refusal } from './proto-readings.ts'

/**
 * @throws MicrobatchError SCHEMA_INVALID naming the field that no column takes
 * @example schemaOf(TradeSchema).columns.get('price')?.kind // 'double'
 */
export const schemaOf = (message: DescMessage): Schema<unknown> =>
  struct(
    Object.fromEntries(
      message.fields.map((field) => {
        const reading = readingOf(field)
        if (reading === undefined) {
          const problem = `protobuf: field ${field.name} of ${message.typeName}: ${refusal(field)}`
          throw new MicrobatchError('SCHEMA_INVALID', problem)
        }
        return [field.localName, columnOfKind(reading.column, mayBeUnset(field))]
      }),
    ),
  )
