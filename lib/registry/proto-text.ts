// A .proto file as a registry has it, text with the files that it imports, as descriptors of @bufbuild/protobuf. protobufjs reads the
// text and finds what each name means; both are optional peers, and protobufjs is loaded only where text has to be read.

import { create, createFileRegistry, type DescFile } from '@bufbuild/protobuf'
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Type as Kind,
  FieldDescriptorProto_Label as Label,
} from '@bufbuild/protobuf/wkt'
import type protobufjs from 'protobufjs'
import { entryName } from './entry-name.ts'
import { descriptorFile, isDescriptor } from './proto-descriptor.ts'
import type { RegisteredSchema } from './schema-registry.ts'
import { wellKnown } from './well-known-protos.ts'

type Parser = typeof protobufjs
type Init<Message> = { -readonly [Key in keyof Message as Key extends `$${string}` ? never : Key]?: unknown }

/** @throws where protobufjs is not installed */
export async function protoParser(): Promise<Parser> {
  try {
    return (await import('protobufjs')).default
  } catch (cause) {
    throw new Error('protobufjs is not installed: it reads the .proto files of a registry. npm install protobufjs', {
      cause,
    })
  }
}

/** What the file itself is called; no import has this name. */
const mainName = 'registered schema'

/**
 * @throws Error in words for a text that cannot be read, or a name that none of its imports has
 * @example protoFile(await protoParser(), registered).messages.map(({ typeName }) => typeName)
 */
export function protoFile(parser: Parser, registered: RegisteredSchema): DescFile {
  const { format, schema, references } = registered
  if (format !== 'PROTOBUF') throw new Error(`is a schema of ${format}, not of PROTOBUF`)
  if (isDescriptor(schema)) return descriptorFile(registered)
  const root = new parser.Root()
  for (const name of wellKnown.keys()) {
    const common = parser.common.get(name)
    if (common !== null) parser.Root.fromJSON(common, root)
  }
  const texts = new Map([...references.map((file) => [file.name, file.schema] as const), [mainName, schema] as const])
  const headers = new Map(Array.from(texts, ([name, text]) => [name, parseInto(parser, root, name, text)]))
  root.resolveAll()
  const files = new Map(Array.from(headers, ([name, header]) => [name, fileProto(parser, root, name, header, headers)]))
  const main = files.get(mainName)
  const registry = main && createFileRegistry(main, (name) => files.get(name) ?? wellKnown.get(name))
  const file = registry?.getFile(mainName)
  if (file === undefined) throw new Error('its .proto file has no descriptor')
  return file
}

interface Header {
  readonly package: string
  readonly syntax: string
  readonly imports: readonly string[]
}

function parseInto(parser: Parser, root: protobufjs.Root, name: string, text: string): Header {
  const [, keyword, syntax = 'proto2'] = syntaxLine.exec(text.replace(comments, ' ')) ?? []
  if (keyword === 'edition') throw new Error(`${name} has edition ${syntax}; read are proto2 and proto3`)
  // A static member of the parser: it says of each object which file it came from.
  Object.assign(parser.parse, { filename: name })
  const parsed = parser.parse(text, root, { keepCase: true })
  return { package: parsed.package ?? '', syntax, imports: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])] }
}

const comments = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g
const syntaxLine = /^\s*(syntax|edition)\s*=\s*["']([^"']+)["']/

function fileProto(
  parser: Parser,
  root: protobufjs.Root,
  name: string,
  header: Header,
  known: ReadonlyMap<string, Header>,
): FileDescriptorProto {
  const messageType: Init<DescriptorProto>[] = []
  const enumType: Init<EnumDescriptorProto>[] = []
  const visit = (namespace: protobufjs.NamespaceBase): void => {
    for (const nested of namespace.nestedArray) {
      if (nested instanceof parser.Type) {
        if (nested.filename === name) messageType.push(messageProto(parser, nested, header))
      } else if (nested instanceof parser.Enum) {
        if (nested.filename === name) enumType.push(enumProto(nested))
      } else if (nested instanceof parser.Namespace) visit(nested)
    }
  }
  visit(root)
  return create(FileDescriptorProtoSchema, {
    name,
    package: header.package,
    syntax: header.syntax === 'proto2' ? '' : header.syntax,
    dependency: header.imports.filter((file) => known.has(file) || wellKnown.has(file)),
    messageType,
    enumType,
  } as Parameters<typeof create<typeof FileDescriptorProtoSchema>>[1])
}

function messageProto(parser: Parser, type: protobufjs.Type, header: Header): Init<DescriptorProto> {
  // Those that `optional` makes come last, as protoc has them.
  const oneofs = type.oneofsArray.toSorted((a, b) => Number(a.isProto3Optional) - Number(b.isProto3Optional))
  const maps = type.fieldsArray.filter((field) => field instanceof parser.MapField)
  return {
    name: type.name,
    field: type.fieldsArray.map((field) => fieldProto(parser, field, oneofs, header)),
    nestedType: [
      ...type.nestedArray
        .filter((nested) => nested instanceof parser.Type)
        .map((nested) => messageProto(parser, nested, header)),
      ...maps.map((field) => entryProto(parser, field)),
    ],
    enumType: type.nestedArray.filter((nested) => nested instanceof parser.Enum).map(enumProto),
    oneofDecl: oneofs.map(({ name }) => ({ name })),
  }
}

/** The message that protoc makes of a map's entries: a key, a value. */
function entryProto(parser: Parser, field: protobufjs.MapField): Init<DescriptorProto> {
  const key = { name: 'key', number: 1, label: Label.OPTIONAL, type: scalars.get(field.keyType), jsonName: 'key' }
  const value = { name: 'value', number: 2, label: Label.OPTIONAL, ...typeOf(parser, field), jsonName: 'value' }
  return { name: entryName(field.name), field: [key, value], options: { mapEntry: true } }
}

const camelCase = (name: string): string =>
  name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase())

function fieldProto(
  parser: Parser,
  field: protobufjs.Field,
  oneofs: readonly protobufjs.OneOf[],
  header: Header,
): Init<FieldDescriptorProto> {
  const isMap = field instanceof parser.MapField
  const { name, id: number, partOf } = field
  const label = field.repeated || isMap ? Label.REPEATED : field.required ? Label.REQUIRED : Label.OPTIONAL
  const type = isMap
    ? { type: Kind.MESSAGE, typeName: `${field.parent?.fullName}.${entryName(name)}` }
    : typeOf(parser, field)
  const { default: defaultValue, json_name: jsonName } = Object(field.options)
  return {
    ...{ name, number, label, ...type },
    jsonName: typeof jsonName === 'string' ? jsonName : camelCase(name),
    ...(partOf === null || partOf === undefined ? {} : { oneofIndex: oneofs.indexOf(partOf) }),
    ...(partOf?.isProto3Optional === true ? { proto3Optional: true } : {}),
    ...(defaultValue === undefined || header.syntax !== 'proto2' ? {} : { defaultValue: String(defaultValue) }),
  }
}

function typeOf(
  parser: Parser,
  field: protobufjs.FieldBase & { readonly delimited?: boolean },
): { readonly type: Kind | undefined; readonly typeName?: string } {
  const { resolvedType } = field.resolve()
  if (resolvedType === null) return { type: scalars.get(field.type) }
  const type = resolvedType instanceof parser.Enum ? Kind.ENUM : field.delimited === true ? Kind.GROUP : Kind.MESSAGE
  return { type, typeName: resolvedType.fullName }
}

const enumProto = ({ name, values, options }: protobufjs.Enum): Init<EnumDescriptorProto> => ({
  name,
  value: Object.entries(values).map(([value, number]) => ({ name: value, number })),
  ...(Object(options).allow_alias === true ? { options: { allowAlias: true } } : {}),
})

const scalars: ReadonlyMap<string, Kind> = new Map([
  ['double', Kind.DOUBLE],
  ['float', Kind.FLOAT],
  ['int64', Kind.INT64],
  ['uint64', Kind.UINT64],
  ['int32', Kind.INT32],
  ['fixed64', Kind.FIXED64],
  ['fixed32', Kind.FIXED32],
  ['bool', Kind.BOOL],
  ['string', Kind.STRING],
  ['bytes', Kind.BYTES],
  ['uint32', Kind.UINT32],
  ['sfixed32', Kind.SFIXED32],
  ['sfixed64', Kind.SFIXED64],
  ['sint32', Kind.SINT32],
  ['sint64', Kind.SINT64],
])
