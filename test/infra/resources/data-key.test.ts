import { expect, test } from 'vitest'
import { readParameters } from '../../../infra/parameters/parameters.ts'
import { deploymentOf, msk } from '../builders.ts'

const dataKey = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b-2'

test('without a key of its own a deployment takes those of the services', () => {
  const { Resources, extensions } = deploymentOf(msk).resources
  expect(JSON.stringify([Resources, extensions])).not.toMatch(/kms/i)
  expect(Resources.DeadLetterQueue?.Properties).toMatchObject({ SqsManagedSseEnabled: true })
})

test('with one, all that is kept is under it, and the roles may use it by way of what keeps it', () => {
  const { Resources, extensions } = deploymentOf({ ...msk, dataKey }).resources
  expect(Resources).toMatchObject({
    StateTable: { Properties: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: dataKey } } },
    DeadLetterQueue: { Properties: { KmsMasterKeyId: dataKey } },
    FailedBatchQueue: { Properties: { KmsMasterKeyId: dataKey } },
    AlarmTopic: { Properties: { KmsMasterKeyId: dataKey } },
  })
  // SQS takes one of the two.
  expect(JSON.stringify(Resources)).not.toContain('SqsManagedSseEnabled')
  for (const name of ['ProducerLogGroup', 'TapeLogGroup', 'BarsLogGroup'])
    expect(extensions[name]).toEqual({ Properties: { KmsKeyId: dataKey } })
  const via = (service: string) => `{"Fn::Sub":"${service}.$\{AWS::Region}.$\{AWS::URLSuffix}"}`
  const condition = (services: readonly string[]) => `{"StringEquals":{"kms:ViaService":[${services.map(via).join()}]}}`
  expect(JSON.stringify(Resources.TapeRole)).toContain(condition(['sqs']))
  expect(JSON.stringify(Resources.BarsRole)).toContain(condition(['dynamodb', 'sqs']))
  expect(JSON.stringify(Resources.ProducerRole)).not.toMatch(/kms/i)
})

test('it is named by its ARN, since logs take no alias', () => {
  const read = (value: string) => readParameters({ ...msk, dataKey: value }, { producers: false })
  expect(() => read('alias/mine')).toThrow('dataKey: expected the ARN of a KMS key')
  expect(() => read('arn:aws:kms:eu-west-1:123456789012:alias/mine')).toThrow('dataKey: ')
  expect(read(dataKey).dataKey).toBe(dataKey)
})
