// A service with the queries of this repository, for the tests of what follows from them.

import { type Deployment, type DeploymentInput, deployment } from '../../infra/deployment.ts'
import type { GivenFunction } from '../../infra/functions.ts'

export const noEndpoints = { s3: '', sqs: '', eventBridge: '' }

export const service = { service: 'microbatch', stage: 'dev' }

export const aFunction = (key: string, more: Partial<GivenFunction>): GivenFunction => ({
  key,
  queries: [],
  events: [],
  hasRole: false,
  hasNetwork: false,
  ...more,
})

export const aQuery = (key: string, query: object): GivenFunction =>
  aFunction(key, { queries: [{ topic: 'stock-ticks', partitions: 3, ...query }] })

export const producer = aFunction('producer', {
  produces: 'stock-ticks',
  events: [{ schedule: 'cron(* * * * ? *)' }],
})

export const functions = [producer, aQuery('tape', { partialBatches: true }), aQuery('bars', { state: true })]

export const deploymentOf = (
  parameters: Readonly<Record<string, unknown>>,
  more: Partial<DeploymentInput> = {},
): Deployment =>
  deployment({
    service,
    functions,
    settings: undefined,
    local: {
      deadLetterFile: '/home/someone/project/.local/dead-letters.ndjson',
      dynamoDbEndpoint: '',
      allowRemote: '',
      registryUrl: '',
      sinkEndpoints: noEndpoints,
    },
    parameters,
    ...more,
  })

export const local = { bootstrapServers: 'localhost:9092' }
export const msk = {
  kafka: 'msk',
  clusterArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/my-ticks/0a1b-2',
  subnetIds: 'subnet-0a, subnet-0b',
  securityGroupIds: 'sg-0c',
}
export const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ticks-AbCdEf'
export const selfManaged = {
  kafka: 'self-managed',
  bootstrapServers: 'b1.example:9096,b2.example:9096',
  credentials: secret,
}
export const scram = {
  auth: 'scram-sha-512',
  credentials: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_ticks-AbCdEf',
  secretKey: 'arn:aws:kms:eu-west-1:123456789012:key/0a1b-2',
}
export const pollers = { minPollers: '1', maxPollers: '5' }
