import { expect, test } from 'vitest'
import { neededApis } from '../../../../local/cli/pipeline/sink-apis.ts'
import { readCliSettings } from '../../../../local/cli/service/settings.ts'

const service = {
  folder: '/s',
  definitionFile: '/s/serverless.yml',
  localDir: '/s/.local',
  kafkaLibsDir: '/s/.local/kafka/libs',
}
const both = { bars: { topic: 'ticks', sinks: { A: { bucket: 'archive' }, B: { queue: 'alerts' } } } }
const bucketOnly = { bars: { topic: 'ticks', sinks: { A: { bucket: 'archive' } } } }
const needed = (queries: typeof both | typeof bucketOnly | object, environment: NodeJS.ProcessEnv = {}) =>
  neededApis({ ...queries }, readCliSettings(environment), service, environment).map(
    ({ service: name, port, places, dataDir }) => `${name} ${port} ${places.join()} ${dataDir}`,
  )

test('an API is there for what queries declare, and for nothing else', () => {
  expect(needed(both)).toEqual(['S3 9090 archive /s/.local/s3', 'SQS 9324 alerts /s/.local/sqs'])
  expect(needed(bucketOnly)).toEqual(['S3 9090 archive /s/.local/s3'])
  expect(needed({ bars: { topic: 'ticks' } })).toEqual([])
})

test('none is where the shell names one, nor where it is off', () => {
  expect(needed(both, { AWS_ENDPOINT_URL_S3: 'http://localhost:4566' })).toEqual(['SQS 9324 alerts /s/.local/sqs'])
  expect(needed(both, { AWS_ENDPOINT_URL: 'http://localhost:4566' })).toEqual([])
  expect(needed(both, { S3_PORT: 'off', SQS_PORT: '9999' })).toEqual(['SQS 9999 alerts /s/.local/sqs'])
})
