// The port through which discarded records leave a mapping, and what its implementations are given. open-destination.ts says
// which of them serves a destination here.

import type { Log } from '../log.ts'
import type { AllowedHosts } from '../safety.ts'
import type { KafkaSecurity } from '../settings/kafka-security.ts'
import type { Discarded } from './failure-record.ts'

export interface Destination {
  /** For messages: `the SQS queue failed`. */
  readonly name: string
  /** @throws where it was not taken; what was taken of it before may be there twice after a second try */
  readonly send: (discarded: Discarded) => Promise<void>
  readonly close: () => Promise<void>
}

/** What a mapping asks of AWS beside Lambda: destinations, and the schema registry of Glue. */
export type AwsService = 'sqs' | 'sns' | 's3' | 'glue'

export interface DestinationOptions {
  readonly brokers: readonly string[]
  readonly region: string
  readonly allowed: AllowedHosts
  /** How the brokers are connected to; left out: plaintext, no credentials. */
  readonly security?: KafkaSecurity | undefined
  readonly log: Log
  /** `http://127.0.0.1:4566`, checked to be allowed; undefined where the service is not on this machine. */
  readonly awsEndpoint: (service: AwsService) => string | undefined
  /** Where records go whose destination is not reachable here. */
  readonly file: string
}
