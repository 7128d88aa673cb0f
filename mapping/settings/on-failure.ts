// Where the records of a discarded batch are described or kept: what OnFailure.Destination names. Which service answers for
// it on this machine is not decided here.

import { LocalError } from '../error.ts'

export type OnFailure =
  | { readonly kind: 'sqs' | 'sns'; readonly arn: string; readonly name: string; readonly region: string }
  | { readonly kind: 's3'; readonly arn: string; readonly bucket: string }
  | { readonly kind: 'kafka'; readonly topic: string }
  | { readonly kind: 'file'; readonly path: string }
  /** Which service it is, and where, is known to CloudFormation alone. */
  | { readonly kind: 'reference'; readonly reference: string }

export const referencePrefix = 'reference:'

/**
 * @param destination an ARN, `kafka://topic`, `file:path` (ours) or `reference:` and a reference; `` for none
 * @returns undefined for none
 * @throws LocalError SETTINGS_INVALID for anything else; the caller knows the place (inPlace)
 * @example onFailureOf('arn:aws:sqs:eu-west-1:123456789012:failed') // { kind: 'sqs', name: 'failed', … }
 */
export function onFailureOf(destination: string | undefined): OnFailure | undefined {
  if (destination === undefined || destination === '') return undefined
  if (destination.startsWith('kafka://')) return { kind: 'kafka', topic: destination.slice('kafka://'.length) }
  if (destination.startsWith('file:'))
    return { kind: 'file', path: destination.slice('file:'.length).replace(/^\/\/(?=\/)/, '') }
  if (destination.startsWith(referencePrefix))
    return { kind: 'reference', reference: destination.slice(referencePrefix.length) }
  const [, , service, region = '', , ...rest] = destination.split(':')
  const name = rest.join(':')
  switch (service) {
    case 'sqs':
    case 'sns':
      return { kind: service, arn: destination, name, region }
    case 's3':
      return { kind: 's3', arn: destination, bucket: name }
    default:
      throw new LocalError(
        'SETTINGS_INVALID',
        `the on-failure destination ${destination} is neither an SQS queue, an SNS topic, an S3 bucket nor kafka://topic.`,
      )
  }
}
