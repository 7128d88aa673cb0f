// `microbatch/json-schema`: the codec of JSON with a registry. It needs ajv beside it where values are held to their schema.

export type { MalformedOptions, RegistryOptions } from '../framed/framed-codec.ts'
export { type FramedJsonOptions, jsonSchema, type RegisteredJsonOptions } from './json-schema.ts'
