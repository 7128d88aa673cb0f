// The port through which discarded records leave a mapping, and which of its implementations serves a destination here: AWS
// services where AWS_ENDPOINT_URL puts them on this machine, the same Kafka for `kafka://`, and a local file for the rest.

import { LocalError } from '../../error.ts'
import type { AllowedHosts } from '../../safety.ts'
import type { Log } from '../journal.ts'
import type { KafkaSecurity } from '../kafka-security.ts'
import type { OnFailure } from '../on-failure.ts'
import type { Discarded } from './failure-record.ts'
import { fileDestination } from './file.ts'
import { kafkaDestination } from './kafka-topic.ts'

export interface Destination {
  /** For messages: `the SQS queue failed`. */
  readonly name: string
  /** @throws where it was not taken; what was taken of it before may be there twice after a second try */
  readonly send: (discarded: Discarded) => Promise<void>
  readonly close: () => Promise<void>
}

export type AwsService = 'sqs' | 'sns' | 's3'

export interface DestinationOptions {
  readonly brokers: readonly string[]
  readonly region: string
  readonly allowed: AllowedHosts
  /** Of the brokers; left out: plaintext, no credentials. */
  readonly security?: KafkaSecurity | undefined
  readonly log: Log
  /** `http://127.0.0.1:4566`, checked to be allowed; undefined where the service is not on this machine. */
  readonly awsEndpoint: (service: AwsService) => string | undefined
  /** Where records go whose destination is not reachable here. */
  readonly file: string
}

/** @example const destination = await openDestination({ kind: 'kafka', topic: 'failed' }, options) */
export async function openDestination(onFailure: OnFailure, options: DestinationOptions): Promise<Destination> {
  switch (onFailure.kind) {
    case 'file':
      return fileDestination(onFailure.path)
    case 'reference':
      options.log.notice(
        `${onFailure.reference}: only CloudFormation knows this destination; discarded batches go to ${options.file}`,
      )
      return fileDestination(options.file)
    case 'kafka':
      return kafkaDestination(onFailure.topic, options)
    case 'sqs':
    case 'sns':
    case 's3': {
      const endpoint = options.awsEndpoint(onFailure.kind)
      if (endpoint === undefined) {
        options.log.notice(
          `${onFailure.arn}: AWS_ENDPOINT_URL names no service on this machine; discarded batches go to ${options.file}`,
        )
        return fileDestination(options.file)
      }
      // The AWS clients take 100 ms to load, and few mappings need them.
      const { awsDestination } = await import('./aws.ts')
      return awsDestination(onFailure, { endpoint, region: options.region }).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
        const name = `@aws-sdk/client-${onFailure.kind}`
        throw new LocalError('SETTINGS_INVALID', `${onFailure.arn} needs ${name}: npm install --save-dev ${name}`, {
          cause: error,
        })
      })
    }
  }
}
