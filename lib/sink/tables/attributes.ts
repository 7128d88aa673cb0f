// A row as an item of DynamoDB: each column an attribute of the type that keeps its values exactly. What an attribute cannot be, a NaN
// for one, is text. Pure.

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { type Column, inferredColumn } from '../../decode/schema.ts'
import type { ColumnType } from '../../types/column-type.ts'
import { rowJson } from '../rows/row-json.ts'

type Attribute = (value: unknown) => AttributeValue

/** @returns a function from a row to its attributes; a column that is null is left out of the item */
export function attributesOf(
  columns: ReadonlyMap<string, Column<unknown>>,
): (row: object) => Record<string, AttributeValue> {
  const fields = Array.from(columns, ([name, { type }]) => ({ name, attribute: attributeOf(type) }))
  return (row) => {
    const item: Record<string, AttributeValue> = {}
    for (const { name, attribute } of fields) {
      const value: unknown = Reflect.get(row, name)
      if (value !== null && value !== undefined) item[name] = attribute(value)
    }
    return item
  }
}

function attributeOf(type: ColumnType): Attribute {
  switch (type.kind) {
    case 'string':
    case 'date':
      return (value) => ({ S: String(value) })
    case 'boolean':
      return (value) => ({ BOOL: value === true })
    case 'binary':
      return (value) => ({ B: value as Uint8Array })
    case 'window':
      return (value) => {
        const { start, end } = value as { readonly start: number; readonly end: number }
        return { M: { start: { N: String(start) }, end: { N: String(end) } } }
      }
    case 'array': {
      const element = nullable(type.element)
      return (value) => ({ L: (value as readonly unknown[]).map(element) })
    }
    case 'map': {
      const element = nullable(type.element)
      return (value) => ({
        M: Object.fromEntries(Array.from(value as ReadonlyMap<string, unknown>, ([key, part]) => [key, element(part)])),
      })
    }
    case 'struct': {
      const item = attributesOf(type.fields ?? new Map())
      return (value) => ({ M: item(value as object) })
    }
    case 'inferred':
      return inferred
    default:
      return number
  }
}

const nullable = (column: Column<unknown> | undefined): Attribute => {
  const attribute = column === undefined ? inferred : attributeOf(column.type)
  return (value) => (value === null || value === undefined ? { NULL: true } : attribute(value))
}

/** DynamoDB's numbers have 38 digits and exponents from -130 to 125; a decimal of 38 digits is one of them, every double is not. */
const number: Attribute = (value) => {
  const text = String(value)
  const magnitude = Math.abs(Number(value))
  const isNumber = magnitude === 0 || (magnitude >= 1e-130 && magnitude < 1e126)
  return isNumber ? { N: text } : { S: text }
}

/** A value whose type nobody has declared: scalars as they are, anything else as its JSON. */
function inferred(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number' || typeof value === 'bigint') return number(value)
  if (value instanceof Uint8Array) return { B: value }
  return { S: json({ value }).slice('{"value":'.length, -1) }
}

let compiled: ((row: object) => string) | undefined

function json(row: { readonly value: unknown }): string {
  compiled ??= rowJson(new Map([['value', inferredColumn()]]))
  return compiled(row)
}

/**
 * The size of an item as DynamoDB counts it: names and texts in UTF-8, a number about a byte for two digits and one more, three bytes
 * and one for each part of a list or map (developer guide, "Item sizes and formats").
 */
export function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  let bytes = 0
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + attributeBytes(value)
  return bytes
}

function attributeBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1
  if (value.B !== undefined) return value.B.length
  if (value.L !== undefined) return value.L.reduce((sum, part) => sum + attributeBytes(part) + 1, 3)
  if (value.M === undefined) return 1
  return 3 + itemBytes(value.M) + Object.keys(value.M).length
}
