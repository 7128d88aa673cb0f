// From a decoded message to an object of columns, compiled once for each message: the row, and what is within it. The function that picks
// is written as text, as avsc writes its own: a loop over columns took as long as the decoding.

import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { FeatureSet_FieldPresence as Presence } from '@bufbuild/protobuf/wkt'
import { absentValue } from '../../types/column.ts'
import { at, type Convert, columnWord, listOf, mapOf, orAbsent } from '../conversions.ts'
import type { Column } from '../schema.ts'
import { scalarReading, wrappedScalar } from './proto-readings.ts'
import { refusal } from './type-words.ts'

/** How a column's value comes out of a decoded message. */
interface Pick {
  readonly name: string
  /** JavaScript for the value of the field in `message`; undefined where it is not set. */
  readonly source: string
  /** Left out where a field is always set and its value is the column's. */
  readonly settle?: Convert
}

/**
 * @param prefix goes before a column's name where a value is refused: `column ` of a row
 * @throws Error in words where a column has no field, or one of a type that it does not take
 */
export function picker(columns: ReadonlyMap<string, Column<unknown>>, message: DescMessage, prefix: string): Convert {
  const picks = Array.from(columns, ([name, column]) => pickOf(name, column, message, prefix))
  // Names are in it as JSON has them: no text of a schema is code.
  const members = picks.map(
    ({ name, source, settle }, i) =>
      `${JSON.stringify(name)}: ${settle === undefined ? source : `settle${i}(${source})`}`,
  )
  const parameters = picks.map((_, i) => `settle${i}`)
  const make = new Function(...parameters, `return (message) => ({ ${members.join(', ')} })`)
  return make(...picks.map(({ settle }) => settle))
}

/** A column is named as the field in its file, or as in JavaScript. */
const fieldOf = (message: DescMessage, column: string): DescField | undefined =>
  message.fields.find(({ name, localName }) => name === column || localName === column)

function pickOf(name: string, column: Column<unknown>, message: DescMessage, prefix: string): Pick {
  const field = fieldOf(message, name)
  if (field === undefined) {
    const absent = absentValue(column)
    if (absent === undefined) throw new Error(`${message.typeName} has no field ${name}`)
    return { name, source: 'undefined', settle: () => absent }
  }
  const convert = readingOf(column, field)
  const source = sourceOf(field)
  // A list and a map are always there.
  const isSet = field.oneof === undefined && field.presence === Presence.IMPLICIT
  if (isSet && convert === null) return { name, source }
  const whole = convert ?? ((value: unknown) => value)
  const settle = isSet ? whole : orAbsent(column, whole, 'the field is not set')
  return { name, source, settle: at(`${prefix}${name}`, settle) }
}

/**
 * @returns null where the library's value is the column's
 * @throws Error in words where the column does not take the field
 */
function readingOf(column: Column<unknown>, field: DescField): Convert | null {
  const { element } = column.type
  const word = columnWord(column)
  if (field.fieldKind === 'list' || field.fieldKind === 'map') {
    if (element === undefined || word !== (field.fieldKind === 'list' ? 'array' : 'map')) throw refused(field, column)
    const convert = valueReading(element, field)
    const isWrapper = field.message !== undefined && wrappedScalar(field.message) !== undefined
    const part: Convert = isWrapper ? (value) => (convert ?? same)(Object(value).value) : (convert ?? same)
    return field.fieldKind === 'list' ? listOf(part) : mapOf(part)
  }
  return valueReading(column, field)
}

const same: Convert = (value) => value

/** The value of a field, or one of its elements. */
function valueReading(column: Column<unknown>, field: DescField): Convert | null {
  const { fields } = column.type
  if (fields === undefined) {
    const reading = scalarReading(field, column)
    if (reading === undefined) throw refused(field, column)
    return reading
  }
  const { message } = field
  if (message === undefined || isNoMessage(message)) throw refused(field, column)
  return picker(fields, message, '')
}

/** The library gives google.protobuf.Struct as JSON has it, and a wrapper as its scalar. */
const isNoMessage = (message: DescMessage): boolean =>
  message.typeName === 'google.protobuf.Struct' || wrappedScalar(message) !== undefined

const refused = (field: DescField, column: Column<unknown>): Error =>
  new Error(`field ${field.name} of ${field.parent.typeName}: ${refusal(field, column)}`)

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
