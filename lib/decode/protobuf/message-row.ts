// The row of a generated message, in TypeScript's types.

import type { Timestamp } from '@bufbuild/protobuf/wkt'

/** The value of a field; `protobuf` refuses the types that come out as unknown. */
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
