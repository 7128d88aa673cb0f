// What serverless.yml says of a service beside its parameters: the names of its resources, and the paths of a laptop.

/** The names that serverless.yml gives. */
export interface Names {
  readonly service: string
  readonly stage: string
  readonly topic: string
  readonly partitions: number
}

/** What a laptop's own paths and addresses are; they never reach a template that is deployed. */
export interface LocalPaths {
  readonly deadLetterFile: string
  readonly dynamoDbEndpoint: string
}
