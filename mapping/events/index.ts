// What the package exports as `serverless-offline-kafka-mapping/events`.

export { mappingChannel, onMappingEvent } from './channel.ts'
export type { MappingEvent, MappingIdentity } from './mapping-event.ts'
export type { RecordList, Span } from './record-list.ts'
