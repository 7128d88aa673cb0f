// The columns of an Avro codec: declared by a schema of this library, or those that the fields of an Avro schema become. The second
// have what Avro's rules of evolution need beside: former names, defaults, the symbols of an enum.

import type avsc from 'avsc'
import { MicrobatchError } from '../../error.ts'
import { type AvroSchema, avroName, avroTypes, branchesOf, fieldsOf, symbolsOf } from '../../registry/avro-type.ts'
import { type CodecKind, columnOfKind } from '../column-of-kind.ts'
import { type Schema, struct } from '../schema.ts'
import { declarable, readingOf, usualColumn } from './readings.ts'

export interface AvroColumn {
  readonly name: string
  readonly kind: string
  readonly isNullable: boolean
  readonly aliases: readonly string[]
  /** The value where the writer's schema has no such field; undefined where that is an error. */
  readonly missing: { readonly value: unknown } | undefined
  /** What an enum of the reader's may be, and what stands for any other; undefined for no enum. */
  readonly symbols: { readonly known: ReadonlySet<string>; readonly other: string | undefined } | undefined
}

/** A column that a field of an Avro schema becomes. */
export interface ReaderColumn extends AvroColumn {
  readonly kind: CodecKind
}

/** The columns of a schema of this library: fields by their names. A nullable one may be missing. */
export const declaredColumns = ({ columns }: Schema<unknown>): readonly AvroColumn[] =>
  Array.from(columns, ([name, { kind, isNullable }]) => ({
    name,
    kind,
    isNullable,
    aliases: [],
    missing: isNullable ? { value: null } : undefined,
    symbols: undefined,
  }))

/**
 * @throws MicrobatchError SCHEMA_INVALID naming the field that no column takes
 * @example readerColumns(tradeSchema).map(({ name, kind }) => …)
 */
export function readerColumns(schema: AvroSchema): readonly ReaderColumn[] {
  const fields = fieldsOf(parsed(schema))
  if (fields === undefined) throw invalid('avro: the schema is not a record, and a row is made of the fields of one.')
  return fields.map(({ name, type, aliases, defaultValue }): ReaderColumn => {
    const described = valueType(type)
    if (described === undefined) throw invalid(`avro: field ${name}: ${unionWords(type)}`)
    const kind = usualColumn(described.type)
    const reading = kind && readingOf(described.type, kind)
    if (!kind || reading === undefined || reading === null)
      throw invalid(`avro: field ${name}: ${refusal(described.type)}`)
    const value = defaultValue()
    const convert = reading.convert?.(described.type) as ((value: unknown) => unknown) | undefined
    const converted = value === null || value === undefined || convert === undefined ? value : convert(value)
    const symbols = symbolsOf(described.type)
    return {
      name,
      kind,
      isNullable: described.isNullable,
      aliases,
      missing: value === undefined ? undefined : { value: converted },
      symbols: symbols && { known: new Set(symbols), other: defaultSymbol(described.type) },
    }
  })
}

/** The schema of this library with those columns. */
export const schemaOf = (columns: readonly ReaderColumn[]): Schema<unknown> =>
  struct(Object.fromEntries(columns.map(({ name, kind, isNullable }) => [name, columnOfKind(kind, isNullable)])))

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

/** Why a field of this type is no column, and what to do. */
export function refusal(type: avsc.Type, wanted?: string): string {
  const kinds = declarable(type)
  const article = /^[aeiou]/.test(avroName(type)) ? 'an' : 'a'
  if (kinds.length === 0) {
    const why = isRecursive(type, type)
      ? 'a recursive record, which no column can hold'
      : `${article} ${avroName(type)}`
    return `it is ${why}; no type of column here takes it. Leave it out: declare the other columns with struct({ … }).`
  }
  const takes = kinds.map((kind) => `${kind}()`).join(' or ')
  return wanted === undefined
    ? `it is ${article} ${avroName(type)}, which has no column of its own: declare it with struct({ … }) as ${takes}.`
    : `it is ${article} ${avroName(type)}, the column is ${wanted}(): declare it as ${takes}.`
}

/** Whether a record contains itself, directly or within what it contains. */
function isRecursive(type: avsc.Type, searched: avsc.Type, seen = new Set<avsc.Type>()): boolean {
  if (seen.has(type)) return false
  seen.add(type)
  const inner = fieldsOf(type)?.map((field) => field.type) ?? partsOf(type)
  return inner.some((part) => part === searched || isRecursive(part, searched, seen))
}

function partsOf(type: avsc.Type): readonly avsc.Type[] {
  if ('itemsType' in type) return [type.itemsType as avsc.Type]
  if ('valuesType' in type) return [type.valuesType as avsc.Type]
  const branches = branchesOf(type)
  return branches[0] === type ? [] : branches
}

function parsed(schema: AvroSchema): avsc.Type {
  try {
    return avroTypes(schema).described
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new MicrobatchError('SCHEMA_INVALID', `avro: the schema cannot be read: ${words}`, { cause })
  }
}

/** An enum's own default: it stands for a symbol that the reader does not know. */
function defaultSymbol(type: avsc.Type): string | undefined {
  return 'default' in type && typeof type.default === 'string' ? type.default : undefined
}

const invalid = (message: string): MicrobatchError => new MicrobatchError('SCHEMA_INVALID', message)
