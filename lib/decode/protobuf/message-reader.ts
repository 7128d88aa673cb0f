// From the bytes of a Protobuf message to a row, compiled once for each message: @bufbuild/protobuf decodes, the columns pick. The
// function that picks is written as text, as avsc writes its own: a loop over columns took as long as the decoding.

import { type DescField, type DescMessage, fromBinary } from '@bufbuild/protobuf'
import { FeatureSet_FieldPresence as Presence } from '@bufbuild/protobuf/wkt'
import { type Decoded, decoded, malformed } from '../codec.ts'
import type { Column, Schema } from '../schema.ts'
import { WrongShape } from '../wrong-shape.ts'
import { type Convert, readingOf, refusal, wrappedScalar } from './proto-readings.ts'

/** @param start where the message begins; it ends with the bytes */
export type ReadMessage<Row> = (bytes: Buffer, start: number) => Decoded<Row>

/** How a column's value comes out of a decoded message. */
interface Pick {
  readonly name: string
  /** JavaScript for the value of the field in `message`; undefined where it is not set. */
  readonly source: string
  /** Left out where a field is always set and its value is the column's. */
  readonly settle?: Convert
}

/**
 * @throws Error in words where no row can be made of the message: a field that is missing, or of a type that its column does not take
 */
export function messageReader<Row>({ columns }: Schema<unknown>, message: DescMessage): ReadMessage<Row> {
  const rowOf = compile(Array.from(columns, ([name, column]) => pickOf(name, column, message)))
  return (bytes, start) => {
    let fields: unknown
    try {
      // A view, as `subarray` makes one, in a third of its time.
      const view = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start)
      fields = fromBinary(message, view)
    } catch (error) {
      return malformed('NOT_PROTOBUF', error instanceof Error ? error.message : String(error))
    }
    try {
      return decoded(rowOf(fields) as Row)
    } catch (error) {
      if (!(error instanceof WrongShape)) throw error
      return malformed('WRONG_SHAPE', error.message)
    }
  }
}

/** Names are in it as JSON has them: no text of a schema is code. */
function compile(picks: readonly Pick[]): (message: unknown) => unknown {
  const members = picks.map(
    ({ name, source, settle }, i) =>
      `${JSON.stringify(name)}: ${settle === undefined ? source : `settle${i}(${source})`}`,
  )
  const parameters = picks.map((_, i) => `settle${i}`)
  const make = new Function(...parameters, `return (message) => ({ ${members.join(', ')} })`)
  return make(...picks.map(({ settle }) => settle))
}

/** A column is named as the field in its file, or as in JavaScript. */
export const fieldOf = (message: DescMessage, column: string): DescField | undefined =>
  message.fields.find(({ name, localName }) => name === column || localName === column)

function pickOf(name: string, { kind, isNullable }: Column<unknown>, message: DescMessage): Pick {
  const field = fieldOf(message, name)
  if (field === undefined) {
    if (isNullable) return { name, source: 'null' }
    throw new Error(`${message.typeName} has no field ${name}`)
  }
  const reading = readingOf(field, kind)
  if (reading === undefined) throw new Error(`field ${field.name} of ${message.typeName}: ${refusal(field, kind)}`)
  const convert = reading.convert?.(field)
  const source = sourceOf(field)
  if (convert === undefined && field.oneof === undefined && field.presence === Presence.IMPLICIT)
    return { name, source }
  return { name, source, settle: settling(name, isNullable, convert) }
}

/** A value that is not set, or not one of the column, and what it is turned into. */
function settling(name: string, isNullable: boolean, convert: Convert = (value) => value): Convert {
  return (value) => {
    if (value === undefined) {
      if (isNullable) return null
      throw new WrongShape(`column ${name}: expected a value, the field is not set`)
    }
    try {
      return convert(value)
    } catch (error) {
      throw error instanceof WrongShape ? new WrongShape(`column ${name}: ${error.message}`) : error
    }
  }
}

function sourceOf({ localName, oneof, presence, fieldKind, message }: DescField): string {
  const name = JSON.stringify(localName)
  if (oneof !== undefined) {
    const group = `message[${JSON.stringify(oneof.localName)}]`
    // In a oneof a wrapper stays a message, elsewhere it is its scalar.
    const isWrapper = fieldKind === 'message' && message !== undefined && wrappedScalar(message) !== undefined
    return `(${group}.case === ${name} ? ${group}.value${isWrapper ? '.value' : ''} : undefined)`
  }
  if (presence === Presence.IMPLICIT || fieldKind === 'message') return `message[${name}]`
  // A number or a text that is not set may have its default on the prototype.
  return `(Object.hasOwn(message, ${name}) ? message[${name}] : undefined)`
}

/** Whether a row may have null for the field: where its file tells a value that is missing from the default. */
export const mayBeUnset = ({ presence }: DescField): boolean =>
  presence !== Presence.IMPLICIT && presence !== Presence.LEGACY_REQUIRED
