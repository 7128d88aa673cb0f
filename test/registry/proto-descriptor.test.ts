import { toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { expect, test } from 'vitest'
import { protoFile, protoParser } from '../../lib/registry/proto-text.ts'

const parser = await protoParser()
const text = `syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto"; import "side.proto";
  message Trade { Side side = 1; google.protobuf.Timestamp at = 2; map<string, int32> tags = 3; message Inner {} }`
const sideText = 'syntax = "proto3"; package shop; enum Side { BUY = 0; }'
const registered = (schema: string, side = sideText) => ({
  format: 'PROTOBUF' as const,
  schema,
  references: [{ name: 'side.proto', schema: side }],
})
const base64 = (schema: string): string => {
  const { proto } = protoFile(
    parser,
    schema === sideText ? { ...registered(schema), references: [] } : registered(schema),
  )
  return Buffer.from(toBinary(FileDescriptorProtoSchema, proto)).toString('base64')
}

test('a descriptor in base64 is the same file as its text', () => {
  const file = protoFile(parser, registered(base64(text), base64(sideText)))
  const [trade] = file.messages
  expect(trade?.fields.map(({ name, fieldKind }) => `${name} ${fieldKind}`)).toEqual([
    'side enum',
    'at message',
    'tags map',
  ])
  expect(trade?.nestedMessages.map(({ typeName }) => typeName)).toEqual(['shop.Trade.Inner'])
})

test.each([
  [
    'that imports what is not there',
    { format: 'PROTOBUF' as const, schema: base64(text), references: [] },
    'imports side.proto',
  ],
  ['that imports a text', registered(base64(text)), 'imports a .proto text, and is none itself'],
])('one %s is refused in words', (_, schema, words) => {
  expect(() => protoFile(parser, schema)).toThrow(words)
})

test('a word that is neither a text nor a descriptor is refused', () => {
  expect(() => protoFile(parser, { format: 'PROTOBUF', schema: 'abcd', references: [] })).toThrow()
})
