// The numbers of AWS's Kafka event source mapping, each with its source, and the few of our own that AWS does not state.
// "DG" is the AWS Lambda developer guide, "API" the service model of CreateEventSourceMapping.

/** API BatchSize: "Kafka: default 100, max 10,000". */
export const batchSize = { default: 100, min: 1, max: 10_000 } as const

/** API MaximumBatchingWindowInSeconds: 0..300 whole seconds; DG invocation-eventsourcemapping: 500 ms where it is not set. */
export const batchingWindow = { defaultMs: 500, minSeconds: 0, maxSeconds: 300 } as const

/** DG gettingstarted-limits: 6 MB for a synchronous request. Counted as serverless-offline and the API do: 6 x 1024 x 1024. */
export const maxPayloadBytes = 6 * 1024 * 1024

/** API ConsumerGroupId: 1..200 of these characters. */
export const consumerGroupId = { maxLength: 200, pattern: /^[a-zA-Z0-9\-/*:_+=.@]+$/ } as const

/** API Topic: 1..249 characters. */
export const topicName = { maxLength: 249, pattern: /^[^.]([a-zA-Z0-9\-_.]+)$/ } as const

/** API Topics: exactly one. */
export const topicsPerMapping = 1

/** API MaximumRetryAttempts: -1 is without end; DG kafka-retry-configurations: with a destination that is 10. */
export const retryAttempts = { min: -1, max: 10_000, infinite: -1, withDestination: 10 } as const

/** API MaximumRecordAgeInSeconds: -1 is without end, "the minimum value that can be set is 60 seconds". */
export const recordAge = { infinite: -1, minSeconds: 60, maxSeconds: 604_800 } as const

/** API ProvisionedPollerConfig; DG kafka-scaling-modes: 5 concurrent invocations for each poller, defaults 1 and 200. */
export const pollers = {
  min: { least: 1, most: 200, default: 1 },
  max: { least: 1, most: 2_000, default: 200 },
} as const
export const invocationsPerPoller = 5
export const pollerGroupName = { maxLength: 128, pattern: /^[a-zA-Z0-9\-_]*$/ } as const

/** API SourceAccessConfigurations: at most 22 items before 2026, 23 now. */
export const maxAccessConfigurations = 23

/** API OnFailure.Destination: at most 350 characters of this form. */
export const destination = {
  maxLength: 350,
  pattern:
    /^$|^kafka:\/\/([^.]([a-zA-Z0-9\-_.]{0,248}))$|^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$/,
} as const

/** API FilterCriteria, KAFKA_BOOTSTRAP_SERVERS: 1..10 `host:port`. */
export const maxBootstrapServers = 10

/** DG invocation-eventfiltering: five filters for a mapping, up to ten on request. API Filter.Pattern: 0..4096 characters. */
export const filterCount = { default: 5, max: 10 } as const
export const maxFilterPatternLength = 4096

/** EventBridge user guide, "Comparison operators": `$or` may not make over 1,000 rule combinations. */
export const maxFilterCombinations = 1_000

/** DG with-msk-configure, with-kafka-configure: functions with a timeout of up to 14 minutes. */
export const maxFunctionTimeoutSeconds = 840

/** DG gettingstarted-limits: a function runs 900 s at most. A minute more for start-up before the request is given up. */
export const invokeTimeoutMs = 960_000

/** AWS does not state its backoff (local-mapping.md 4.1). Ours stays short: whoever has just mended the handler waits for it. */
export const backoff = { firstMs: 1_000, maxMs: 5_000, jitter: 0.2 } as const

/** Ours: an on-demand mapping begins with so many invocations at once, and has more as they succeed. */
export const firstInvocations = 2

/** Ours: invocations at once over all mappings, each a thread or a process of some 20 MB: twice the processors, within these. */
export const maxInvocations = { least: 4, most: 16, perProcessor: 2 } as const

/** Ours: after so many failures in a row it is looked whether Kafka still has the records, before each further try. */
export const failuresBeforeExpiryIsLookedFor = 4

/** Ours: bytes waiting over all partitions of all mappings; a fetch in flight may add `maxBytesPerPartition` to each partition. */
export const maxBufferedBytes = 32 * 1024 * 1024

/** Ours: what a record batch may expand to. A broker takes 1 MB of a batch on its defaults, which texts fill a hundredfold at most. */
export const maxExpandedBatchBytes = 128 * 1024 * 1024

/** Ours: after so many expanded bytes the other batches of a fetched partition are left for the next fetch. */
export const maxExpandedFetchBytes = 32 * 1024 * 1024

/** Ours: what a waiting record costs in memory beside its encoded bytes. */
export const recordOverheadBytes = 256

/** Ours: no partition's share of the buffer is less than this, however many there are. */
export const minBufferedBytesPerPartition = 1024 * 1024
