// `microbatch/registry`: the schema registries that codecs ask.

export { type BasicCredentials, type ConfluentRegistryOptions, confluentRegistry } from './confluent-registry.ts'
export { type GlueRegistryOptions, glueRegistry } from './glue-registry.ts'
export {
  type Framing,
  type GivenSchema,
  memoryRegistry,
  type RegisteredSchema,
  type SchemaFormat,
  type SchemaReference,
  type SchemaRegistry,
  type SubjectRegistry,
  type SubjectVersion,
} from './schema-registry.ts'
