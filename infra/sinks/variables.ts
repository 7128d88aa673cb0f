// What a function is told of its sinks: under the variable of each the name of its bucket, bus, table or topic, or the URL of its queue; and on a
// laptop the APIs of that machine.

import type { Intrinsic } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { givenName, isArn, type SinkDeclaration, sinkId, sinkName, type WithSinks } from './sink.ts'

/** APIs of a laptop that stand for AWS's, or '' where the sinks write to files below `.local`. */
export interface SinkEndpoints {
  readonly s3: string
  readonly sqs: string
  readonly eventBridge: string
}

type Given = Readonly<Record<string, string | Intrinsic>>

/**
 * @param endpoints those of a laptop; null on AWS
 * @param taken variables that the function has from elsewhere
 * @throws Refusal for a variable that is one of them
 */
export function sinkVariables({ name, sinks }: WithSinks, endpoints: SinkEndpoints | null, taken: Given): Given {
  const both = Object.keys(sinks).find((variable) => Object.hasOwn(taken, variable))
  if (both !== undefined)
    throw new Refusal(
      `functions.${name}: sinks: ${both} is a variable that the function has for something else. Give the sink another name.`,
    )
  const places = Object.entries(sinks).map(([variable, sink]) => [variable, placeOf(sink, endpoints)] as const)
  return { ...Object.fromEntries(places), ...(endpoints === null ? {} : endpointVariables(sinks, endpoints)) }
}

function placeOf(sink: SinkDeclaration, endpoints: SinkEndpoints | null): string | Intrinsic {
  if ('queue' in sink) return endpoints === null ? deployedUrl(sink) : laptopUrl(sinkName(sink), endpoints.sqs)
  return sink.create && endpoints === null ? { Ref: sinkId(sink) } : givenName(sink)
}

function deployedUrl(sink: SinkDeclaration & { readonly queue: string }): string | Intrinsic {
  if (sink.create) return { Ref: sinkId(sink) }
  if (!isArn(sink.queue))
    return { 'Fn::Sub': `https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${sink.queue}` }
  const [, partition = '', , region = '', account = '', name = ''] = sink.queue.split(':')
  return `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${name}`
}

/** The account of whoever has none. */
const laptopAccount = '000000000000'

/** Without an API on the laptop the host is one of AWS's, for which `sqsSink` takes a file there. */
const laptopUrl = (name: string, endpoint: string): string =>
  `${endpoint === '' ? 'https://sqs.us-east-1.amazonaws.com' : endpoint.replace(/\/$/, '')}/${laptopAccount}/${name}`

function endpointVariables(sinks: WithSinks['sinks'], { s3, sqs, eventBridge }: SinkEndpoints): Given {
  const all = Object.values(sinks)
  return {
    ...(s3 !== '' && all.some((sink) => 'bucket' in sink) ? { AWS_ENDPOINT_URL_S3: s3 } : {}),
    ...(sqs !== '' && all.some((sink) => 'queue' in sink) ? { AWS_ENDPOINT_URL_SQS: sqs } : {}),
    ...(eventBridge !== '' && all.some((sink) => 'bus' in sink) ? { AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge } : {}),
  }
}
