// A schema of Protobuf that is no text but a file's descriptor in base64: Confluent's serializer for Python registers that, and a registry
// may give it back as it came.

import { createFileRegistry, type DescFile, fromBinary } from '@bufbuild/protobuf'
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import type { RegisteredSchema } from './schema-registry.ts'
import { wellKnown } from './well-known-protos.ts'

/** No .proto text is one word. */
export const isDescriptor = (schema: string): boolean => /^[A-Za-z0-9+/]+={0,2}\s*$/.test(schema)

/**
 * @throws Error in words for what is no descriptor, or imports what the registry does not have
 * @example descriptorFile(registered).messages.map(({ typeName }) => typeName)
 */
export function descriptorFile({ schema, references }: RegisteredSchema): DescFile {
  const main = descriptorOf(schema)
  const files = new Map(references.map(({ name, schema: text }) => [name, { ...descriptorOf(text), name }]))
  for (const file of [main, ...files.values()]) {
    for (const name of file.dependency)
      if (!files.has(name) && !wellKnown.has(name)) throw new Error(`imports ${name}, which the registry does not have`)
  }
  const file = createFileRegistry(main, (name) => files.get(name) ?? wellKnown.get(name)).getFile(main.name)
  if (file === undefined) throw new Error('its descriptor has no file')
  return file
}

function descriptorOf(text: string): FileDescriptorProto {
  if (!isDescriptor(text)) throw new Error('imports a .proto text, and is none itself')
  return fromBinary(FileDescriptorProtoSchema, Buffer.from(text, 'base64'))
}
