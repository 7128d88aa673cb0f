// `microbatch/avro`: the codec of Avro. It needs avsc beside it.

export type { AvroSchema } from '../../registry/avro/avro-type.ts'
export type { MalformedOptions, RegistryOptions } from '../framed/framed-codec.ts'
export { avro, type BareAvroOptions, type RegisteredAvroOptions } from './avro.ts'
export type { AvroRow } from './avro-row.ts'
