import { expect, test } from 'vitest'
import { readParameters } from '../../../infra/parameters/parameters.ts'
import { local, msk, scram, secret, selfManaged } from '../builders.ts'

const read = (values: object, producers = true) => readParameters({ ...values }, { producers })

test('nothing given is a laptop', () => {
  expect(read(local)).toMatchObject({ kafka: 'local', keepData: false, maxLag: 10_000, brokerDiskGb: 50, auth: null })
})

test('parameters are text, and an empty one is one that was not given', () => {
  expect(read({ ...msk, keepData: 'true', maxLag: '5', auth: '', brokerType: '' })).toMatchObject({
    keepData: true,
    maxLag: 5,
    auth: null,
    brokerType: 'kafka.t3.small',
    subnetIds: ['subnet-0a', 'subnet-0b'],
  })
})

test('only a producer needs subnets that reach MSK', () => {
  expect(read({ ...msk, subnetIds: '', securityGroupIds: '' }, false).subnetIds).toEqual([])
})

test.each([
  [{ ...msk, clusterArn: '' }, 'clusterArn: kafka=msk needs the ARN'],
  [{ ...msk, subnetIds: '' }, 'subnetIds: the producer needs subnets'],
  [{ ...msk, auth: 'scram-sha-512', credentials: secret }, 'credentials: the name of a secret for MSK begins'],
  [{ ...msk, ...scram, secretKey: '' }, 'secretKey: MSK takes secrets under a KMS key of your own only'],
  [{ ...selfManaged, bootstrapServers: Array(11).fill('b1.example:9096').join() }, 'bootstrapServers: Too big'],
  [{ ...msk, auth: 'plain' }, 'auth: kafka=msk takes iam, scram-sha-512, mtls'],
  [{ ...msk, maxRetries: '5' }, 'maxRetries: needs provisioned pollers'],
  [{ ...local, maxRetries: '5' }, 'maxRetries: needs provisioned pollers'],
  [{ ...msk, partialBatches: 'true' }, 'partialBatches: needs provisioned pollers'],
  [{ ...msk, minPollers: '3', maxPollers: '2' }, 'maxPollers: less than minPollers'],
  [{ ...msk, minPollers: '201', maxPollers: '300' }, 'minPollers: '],
  [{ ...msk, minPollers: '0', maxPollers: '5' }, 'minPollers: 0 goes with maxPollers=0'],
  [{ ...msk, minPollers: '0', maxPollers: '0', maxRetries: '5' }, 'maxRetries: needs provisioned pollers'],
  [{ ...msk, maxRecordAgeSeconds: '59' }, 'maxRecordAgeSeconds: '],
  [{ ...msk, securityGroupIds: '' }, 'securityGroupIds: subnetIds and securityGroupIds go together'],
  [{ ...selfManaged, credentials: '' }, 'credentials: auth=scram-sha-512 needs the ARN of a secret'],
  [{ ...selfManaged, bootstrapServers: 'localhost:9092' }, 'AWS cannot reach an address of this machine'],
  [
    { ...selfManaged, credentials: '', auth: 'none' },
    'subnetIds: auth=none needs a rootCertificate or a private network',
  ],
  [{ ...selfManaged, credentials: 'my-password' }, 'credentials: expected the ARN of a secret'],
  [{ ...local, kafka: 'kinesis' }, 'kafka: '],
  [{ kafka: 'msk-new', brokerType: 'large' }, 'brokerType: expected a broker type of MSK'],
])('a parameter that cannot be is refused by name, %#', (parameters, problem) => {
  expect(() => read(parameters)).toThrow(problem)
})
