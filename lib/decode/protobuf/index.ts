// `microbatch/protobuf`: the codec of Protobuf. It needs @bufbuild/protobuf beside it, and protobufjs for the schemas of a registry.

export type { MalformedOptions, RegistryOptions } from '../framed/framed-codec.ts'
export type { MessageRow } from './message-row.ts'
export { type DescribedProtobufOptions, protobuf, type RegisteredProtobufOptions } from './protobuf.ts'
