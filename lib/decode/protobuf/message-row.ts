// The row of a generated message, in TypeScript's types.

import type { Timestamp } from '@bufbuild/protobuf/wkt'

/** A wrapper where it stays a message: in a oneof, a list, a map. */
interface Wrapper<Value> {
  readonly $typeName: `google.protobuf.${string}Value`
  readonly value: Value
}

/** The value of a field. */
type FieldValue<Value> = [Value] extends [string | boolean]
  ? Value
  : [Value] extends [bigint]
    ? number
    : [Value] extends [number]
      ? // An enum is a type of some numbers; its column has their names.
        number extends Value
        ? number
        : string
      : [Value] extends [Uint8Array]
        ? Buffer
        : [Value] extends [Timestamp]
          ? number
          : [Value] extends [Wrapper<infer Wrapped>]
            ? FieldValue<Wrapped>
            : [Value] extends [readonly (infer Element)[]]
              ? readonly FieldValue<Element>[]
              : [Value] extends [{ readonly $typeName: string }]
                ? MessageRow<Value>
                : [Value] extends [{ readonly [key: string]: infer Element }]
                  ? ReadonlyMap<string, FieldValue<Element>>
                  : unknown

type Oneof = { readonly case: string | undefined; readonly value?: unknown }

type Own<Message> = {
  [Key in keyof Message as Key extends `$${string}` ? never : Message[Key] extends Oneof ? never : Key]: Message[Key]
}

type PlainFields<Fields> = {
  readonly [Key in keyof Fields]-?: undefined extends Fields[Key]
    ? FieldValue<Exclude<Fields[Key], undefined>> | null
    : FieldValue<Fields[Key]>
}

/** The members of all oneofs, each of which may be unset. */
type Members<Message> = {
  [Key in keyof Message]: Message[Key] extends Oneof ? Extract<Message[Key], { readonly case: string }> : never
}[keyof Message]

type OneofFields<Member> = {
  readonly [M in Member as M extends { readonly case: infer Name extends string } ? Name : never]: M extends {
    readonly value: infer Value
  }
    ? FieldValue<Value> | null
    : never
}

/** @example MessageRow<Trade> // { readonly symbol: string; readonly price: number; readonly note: string | null } */
export type MessageRow<Message> = PlainFields<Own<Message>> & OneofFields<Members<Message>>
