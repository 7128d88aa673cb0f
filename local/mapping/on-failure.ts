// Where the records of a discarded batch are described or kept: what OnFailure.Destination names. Which service answers for
// it on this machine is not decided here.

import { LocalError } from '../error.ts'

export type OnFailure =
  | { readonly kind: 'sqs' | 'sns'; readonly arn: string; readonly name: string; readonly account: string }
  | { readonly kind: 's3'; readonly arn: string; readonly bucket: string }
  | { readonly kind: 'kafka'; readonly topic: string }
  | { readonly kind: 'file'; readonly path: string }

/**
 * @param destination an ARN, `kafka://topic` or `file:path` (ours); `` for none
 * @returns undefined for none
 * @example onFailureOf('arn:aws:sqs:eu-west-1:123456789012:failed') // { kind: 'sqs', name: 'failed', … }
 */
export function onFailureOf(destination: string | undefined): OnFailure | undefined {
  if (destination === undefined || destination === '') return undefined
  if (destination.startsWith('kafka://')) return { kind: 'kafka', topic: destination.slice('kafka://'.length) }
  if (destination.startsWith('file:'))
    return { kind: 'file', path: destination.slice('file:'.length).replace(/^\/\/(?=\/)/, '') }
  const [, , service, , account = '', ...rest] = destination.split(':')
  const name = rest.join(':')
  switch (service) {
    case 'sqs':
    case 'sns':
      return { kind: service, arn: destination, name, account }
    case 's3':
      return { kind: 's3', arn: destination, bucket: name }
    default:
      throw new LocalError(
        'SETTINGS_INVALID',
        `the on-failure destination ${destination} is neither an SQS queue, an SNS topic, an S3 bucket nor kafka://topic.`,
      )
  }
}
