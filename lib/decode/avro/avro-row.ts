// The row of an Avro schema that is written as a literal, in TypeScript's types. A schema that was read from a file has no such
// types: its rows are records of unknown values.

type NotNull<Branch> = Exclude<Branch, 'null'>

/** The value of a field; `avro` refuses the types that come out as unknown. */
type AvroValue<Type> = Type extends readonly (infer Branch)[]
  ? AvroValue<NotNull<Branch>> | ('null' extends Branch ? null : never)
  : Type extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbol)[] }
    ? Symbol
    : Type extends { readonly type: 'fixed' }
      ? Type extends { readonly logicalType: 'uuid' }
        ? string
        : Buffer
      : Type extends 'int' | 'long' | 'float' | 'double'
        ? number
        : Type extends 'string'
          ? string
          : Type extends 'boolean'
            ? boolean
            : Type extends 'bytes'
              ? Buffer
              : Type extends { readonly type: infer Inner }
                ? AvroValue<Inner>
                : unknown

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
