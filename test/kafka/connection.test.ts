import { createHash, createHmac } from 'node:crypto'
import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { endpointOf } from '../../lib/kafka/aws-request.ts'
import { kafkaConnection } from '../../lib/kafka/connection.ts'
import { mskToken } from '../../lib/kafka/msk.ts'
import { producerFromEnvironment } from '../../lib/lambda/index.ts'
import { type Asked, type AwsServer, awsServer, credentials } from './aws-server.ts'

let server: AwsServer | undefined
afterEach(async () => {
  vi.useRealTimers()
  await server?.[Symbol.asyncDispose]()
  server = undefined
})

const clusterArn = 'arn:aws:kafka:eu-west-1:123456789012:cluster/ticks/0a1b-2'
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_ticks'
const brokersOfMsk = {
  bootstrapBrokerStringSaslIam: 'b-1.ticks:9098,b-2.ticks:9098',
  bootstrapBrokerStringSaslScram: 'b-1.ticks:9096',
}

const onLambda = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }

async function connect(
  variables: Record<string, string>,
  answer: (asked: Asked) => { status?: number; body: unknown },
) {
  server = await awsServer(answer)
  return kafkaConnection(
    producerFromEnvironment({ ...onLambda, TOPIC: 'ticks', ...variables }).kafka,
    server.environment,
  )
}

const secret = (content: object) => ({ body: { SecretString: JSON.stringify(content) } })

test('a laptop reaches its Kafka in the clear, and asks nobody', async () => {
  const laptop = { AWS_LAMBDA_RUNTIME_API: '', KAFKA_BROKERS: 'localhost:9092' }
  const connection = await connect(laptop, () => ({ body: {} }))
  expect(connection).toEqual({ brokers: ['localhost:9092'], socketFactory: expect.any(Function) })
  expect(server?.asked).toEqual([])
})

test.each([
  ['eu-west-1', 'https://kafka.eu-west-1.amazonaws.com'],
  ['us-gov-west-1', 'https://kafka.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'https://kafka.cn-north-1.amazonaws.com.cn'],
])('the APIs of %s have their own host', (region, endpoint) => {
  expect(endpointOf('kafka', region)).toBe(endpoint)
})

describe('MSK', () => {
  test('with IAM: the brokers are asked of MSK, and a token says who we are', async () => {
    const connection = await connect({ KAFKA_AUTH: 'iam', KAFKA_CLUSTER_ARN: clusterArn }, () => ({
      body: brokersOfMsk,
    }))
    expect(connection).toEqual({
      brokers: ['b-1.ticks:9098', 'b-2.ticks:9098'],
      ssl: {},
      sasl: { mechanism: 'oauthbearer', oauthBearerProvider: expect.any(Function) },
    })
    expect(server?.asked[0]).toMatchObject({
      method: 'GET',
      url: `/v1/clusters/${encodeURIComponent(clusterArn)}/bootstrap-brokers`,
      headers: { 'x-amz-security-token': credentials.AWS_SESSION_TOKEN },
    })
  })
  test('the call is signed by the rules of signature version 4', async () => {
    await connect({ KAFKA_AUTH: 'iam', KAFKA_CLUSTER_ARN: clusterArn }, () => ({ body: brokersOfMsk }))
    const [asked] = server?.asked ?? []
    if (asked === undefined) throw new Error('nothing was asked')
    expect(asked.headers.authorization).toBe(signatureV4(asked, 'kafka'))
  })
  test('with SCRAM: other brokers, and the password of the secret that the mapping reads too', async () => {
    const variables = { KAFKA_AUTH: 'scram-sha-512', KAFKA_CLUSTER_ARN: clusterArn, KAFKA_CREDENTIALS: secretArn }
    const connection = await connect(variables, ({ method }) =>
      method === 'GET' ? { body: brokersOfMsk } : secret({ username: 'ticks', password: 'p' }),
    )
    expect(connection).toEqual({
      brokers: ['b-1.ticks:9096'],
      ssl: {},
      sasl: { mechanism: 'scram-sha-512', username: 'ticks', password: 'p' },
    })
    const asked = server?.asked.find(({ method }) => method === 'POST')
    expect(asked?.body).toBe(JSON.stringify({ SecretId: secretArn }))
    expect(asked?.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue')
    expect(asked?.headers.authorization).toBe(asked && signatureV4(asked, 'secretsmanager'))
  })
  test('a cluster that does not offer it is named', async () => {
    const variables = { KAFKA_AUTH: 'iam', KAFKA_CLUSTER_ARN: clusterArn }
    await expect(connect(variables, () => ({ body: { bootstrapBrokerString: 'b-1:9092' } }))).rejects.toThrow(
      /ticks.* has no BootstrapBrokerStringSaslIam: switch on its iam/,
    )
  })
  test('what AWS refuses is told with its status', async () => {
    const variables = { KAFKA_AUTH: 'iam', KAFKA_CLUSTER_ARN: clusterArn }
    await expect(connect(variables, () => ({ status: 403, body: { message: 'not authorized' } }))).rejects.toThrow(
      /answered 403 .*not authorized/,
    )
  })
})

describe('another Kafka', () => {
  const own = { KAFKA_BROKERS: 'kafka.example:9094', KAFKA_ROOT_CERTIFICATE: `${secretArn}-ca` }
  const pem = '-----BEGIN CERTIFICATE-----'
  test('by its own root certificate and a client certificate', async () => {
    const variables = { ...own, KAFKA_AUTH: 'mtls', KAFKA_CREDENTIALS: secretArn }
    const connection = await connect(variables, ({ body }) =>
      body.includes('-ca')
        ? secret({ certificate: pem })
        : secret({ certificate: 'c', privateKey: 'k', privateKeyPassword: 'p' }),
    )
    expect(connection).toEqual({
      brokers: ['kafka.example:9094'],
      ssl: { ca: [pem], cert: 'c', key: 'k', passphrase: 'p' },
    })
  })
  test('by TLS alone, without anything of AWS', async () => {
    expect(await connect({ KAFKA_BROKERS: 'kafka.example:9094', KAFKA_AUTH: 'tls' }, () => ({ body: {} }))).toEqual({
      brokers: ['kafka.example:9094'],
      ssl: {},
    })
    expect(server?.asked).toEqual([])
  })
  test.each([
    ['fields are missing', JSON.stringify({ username: 'hunter2' }), 'password (invalid_type)'],
    ['it is no JSON', 'hunter2', 'the whole (invalid_type)'],
  ])('a secret of another form is refused without quoting it: %s', async (_what, SecretString, problem) => {
    const variables = { KAFKA_BROKERS: 'k:1', KAFKA_AUTH: 'plain', KAFKA_CREDENTIALS: secretArn }
    const error = await connect(variables, () => ({ body: { SecretString } })).catch((reason: unknown) =>
      String(reason),
    )
    expect(error).toContain(problem)
    expect(error).not.toContain('hunter2')
  })
  test.each([
    [{ KAFKA_AUTH: 'plain' }, 'KAFKA_CREDENTIALS: KAFKA_AUTH=plain needs the ARN of a secret'],
    [{ KAFKA_AUTH: 'iam' }, 'KAFKA_CLUSTER_ARN: KAFKA_AUTH=iam is for an MSK cluster'],
  ])('%o is refused when the container starts', (variables, problem) => {
    expect(() => producerFromEnvironment({ TOPIC: 'ticks', ...variables })).toThrow(problem)
  })
})

test("the token is the one that MSK's own signer makes", async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 5, 14, 30), toFake: ['Date'] })
  const { token } = await generateAuthTokenFromCredentialsProvider({
    region: credentials.AWS_REGION,
    awsCredentialsProvider: async () => ({
      accessKeyId: credentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
      sessionToken: credentials.AWS_SESSION_TOKEN,
    }),
  })
  const parts = (text: string) => {
    const url = new URL(Buffer.from(text, 'base64url').toString())
    const { 'User-Agent': agent, ...query } = Object.fromEntries(url.searchParams)
    return { origin: url.origin, path: url.pathname, query, agent }
  }
  const ours = parts(await mskToken(credentials))
  expect(ours).toEqual({ ...parts(token), agent: 'microbatch' })
  expect(ours.query).toMatchObject({ Action: 'kafka-cluster:Connect', 'X-Amz-Expires': '900' })
})

/** Signature version 4 by its description (General Reference, "Create a signed AWS API request"), for what was asked. */
function signatureV4({ method, url = '', headers, body }: Asked, service: string): string {
  const time = String(headers['x-amz-date'])
  const scope = `${time.slice(0, 8)}/${credentials.AWS_REGION}/${service}/aws4_request`
  const names = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? '')?.[1] ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest('hex')
  const path = url.split('/').map(encodeURIComponent).join('/')
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const request = [method, path, '', lines.join(''), names, digest(body)].join('\n')
  const key = [...scope.split('/')].reduce<string | Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${credentials.AWS_SECRET_ACCESS_KEY}`,
  )
  const signature = createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest(request)}`)
  const credential = `${credentials.AWS_ACCESS_KEY_ID}/${scope}`
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature.digest('hex')}`
}
