// The row of an Avro schema that is written as a literal, in TypeScript's types. A schema that was read from a file has no such
// types: its rows are records of unknown values.

import type { Decimal } from '../../types/numbers/decimal-value.ts'

type NotNull<Branch> = Exclude<Branch, 'null'>

/** The types that a logical type gives in place of what lies under it; every other one is what lies under it. */
type Logical<Name, Under> = Name extends 'decimal' ? Decimal : Name extends 'date' | 'uuid' ? string : AvroValue<Under>

/** The value of a field; `avro` refuses the types that come out as unknown, and so does a type that is named elsewhere. */
type AvroValue<Type> = Type extends readonly (infer Branch)[]
  ? AvroValue<NotNull<Branch>> | ('null' extends Branch ? null : never)
  : Type extends { readonly logicalType: infer Name; readonly type: infer Under }
    ? Logical<Name, Under>
    : Type extends { readonly type: 'record' }
      ? AvroRow<Type>
      : Type extends { readonly type: 'array'; readonly items: infer Items }
        ? readonly AvroValue<Items>[]
        : Type extends { readonly type: 'map'; readonly values: infer Values }
          ? ReadonlyMap<string, AvroValue<Values>>
          : Type extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbol)[] }
            ? Symbol
            : Type extends { readonly type: infer Inner }
              ? AvroValue<Inner>
              : Type extends keyof Primitives
                ? Primitives[Type]
                : unknown

interface Primitives {
  readonly int: number
  readonly long: number
  readonly float: number
  readonly double: number
  readonly string: string
  readonly boolean: boolean
  readonly bytes: Buffer
  readonly fixed: Buffer
}

/** @example AvroRow<{ type: 'record', name: 'T', fields: [{ name: 'price', type: 'double' }] }> // { readonly price: number } */
export type AvroRow<S> = S extends { readonly fields: readonly (infer Field)[] }
  ? {
      readonly [F in Field as F extends { readonly name: infer Name extends string } ? Name : never]: F extends {
        readonly type: infer Type
      }
        ? AvroValue<Type>
        : unknown
    }
  : Readonly<Record<string, unknown>>
