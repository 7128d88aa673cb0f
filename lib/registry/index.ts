// `microbatch/registry`: the schema registries that codecs ask.

export { type BasicCredentials, type ConfluentRegistryOptions, confluentRegistry } from './confluent-registry.ts'
export { glueRegistry } from './glue-registry.ts'
export {
  type Framing,
  memoryRegistry,
  type RegisteredSchema,
  type SchemaFormat,
  type SchemaReference,
  type SchemaRegistry,
} from './schema-registry.ts'
