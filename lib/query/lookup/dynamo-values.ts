// Values of rows as attributes of DynamoDB's, and back. What comes back is held to its column afterwards.

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Column } from '../../decode/schema.ts'
import { Decimal } from '../../types/numbers/decimal-value.ts'
import type { PlanRow } from '../plan/plan.ts'

type Columns = ReadonlyMap<string, Column<unknown>>
type Item = Readonly<Record<string, AttributeValue>>

/** A key: its columns are texts, numbers or bytes, as DynamoDB's keys are. */
export function attributesOf(row: PlanRow, columns: Columns): Record<string, AttributeValue> {
  return Object.fromEntries(
    Array.from(columns.keys(), (name): [string, AttributeValue] => {
      const value = row[name]
      if (value instanceof Uint8Array) return [name, { B: value }]
      return [name, typeof value === 'string' ? { S: value } : { N: String(value) }]
    }),
  )
}

/** @example rowOf({ symbol: { S: 'AAPL' }, shares: { N: '15' } }, Company.columns) // { symbol: 'AAPL', shares: 15 } */
export function rowOf(item: Item, columns: Columns): PlanRow {
  return Object.fromEntries(
    Array.from(columns, ([name, { kind }]) => {
      const attribute = item[name]
      return [name, attribute === undefined ? null : plainOf(attribute, kind)]
    }),
  )
}

function plainOf(attribute: AttributeValue, kind: string | null): unknown {
  if (attribute.S !== undefined) return attribute.S
  if (attribute.N !== undefined) return numberOf(attribute.N, kind)
  if (attribute.BOOL !== undefined) return attribute.BOOL
  if (attribute.B !== undefined) return Buffer.from(attribute.B)
  if (attribute.L !== undefined) return attribute.L.map((element) => plainOf(element, null))
  if (attribute.M !== undefined) {
    return Object.fromEntries(Object.entries(attribute.M).map(([name, value]) => [name, plainOf(value, null)]))
  }
  return null
}

function numberOf(digits: string, kind: string | null): unknown {
  if (kind === 'bigint' && /^-?\d+$/.test(digits)) return BigInt(digits)
  return kind === 'decimal' ? Decimal.of(digits) : Number(digits)
}
