// Which implementation serves a destination here: AWS services where AWS_ENDPOINT_URL puts them on this machine, the same Kafka
// for `kafka://`, and a local file for the rest.

import { LocalError } from '../error.ts'
import type { OnFailure } from '../settings/on-failure.ts'
import type { Destination, DestinationOptions } from './destination.ts'
import { fileDestination } from './file.ts'
import { kafkaDestination } from './kafka-topic.ts'

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
          `${onFailure.arn}: AWS_ENDPOINT_URL names no service on this machine; discarded batches go to ${options.file}. ` +
            'A name that only DNS brings here is allowed by --allow-remote, such as --allow-remote localhost.localstack.cloud',
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
