// An SQS on this machine: ElasticMQ, whose queues and messages are in a file, so that a next start has them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { fetchOnce } from '../process/maven.ts'
import { type ApiOptions, type AwsApi, startJavaApi } from './java-api.ts'

/** That of sqs-pom.xml. */
const version = '1.6.14'
const megabytes = 37

/** The folder of its jars, once they have been fetched. */
export const sqsJars = (libsDir: string): string => join(libsDir, `../elasticmq-${version}`)

/**
 * Starts it, fetched if it is not there yet, and makes the queues that are missing; those whose names end in `.fifo` are FIFO queues.
 * @throws LocalError CHILD_FAILED with the end of its log, or Maven's words; the signal's reason
 * @example const sqs = await startSqs({ port: 9324, dataDir: '.local/sqs', logFile: '.local/log/sqs.log', libsDir, log: console.error }, ['alerts'])
 */
export async function startSqs(options: ApiOptions, queues: readonly string[]): Promise<AwsApi> {
  const { port, dataDir, logFile, libsDir, log, signal } = options
  const jars = sqsJars(libsDir)
  await fetchOnce({
    ...{ target: jars, lockFile: `${jars}.lock`, what: 'ElasticMQ', code: 'CHILD_FAILED', log, signal },
    size: `${megabytes} MB, once, some seconds`,
    args: ['-f', join(import.meta.dirname, 'sqs-pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime'],
  })
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const configuration = `${logFile}.conf`
  mkdirSync(dirname(configuration), { recursive: true, mode: 0o700 })
  writeFileSync(configuration, configurationOf(port, dataDir), { mode: 0o600 })
  const api = await startJavaApi({
    ...{ what: 'ElasticMQ', port, logFile, signal },
    args: [`-Dconfig.file=${configuration}`, '-cp', join(jars, '*'), 'org.elasticmq.server.Main'],
  })
  try {
    for (const queue of queues) await makeQueue(api.url, queue)
    return api
  } catch (error) {
    await api.kill()
    throw error
  }
}

/** HOCON, in which JSON's strings are strings. */
const configurationOf = (port: number, dataDir: string): string => `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
aws { region = us-east-1, accountId = 000000000000 }
messages-storage { enabled = true, uri = ${JSON.stringify(`jdbc:h2:${resolve(dataDir, 'messages')}`)} }
`

/** API CreateQueue, which gives one that is there as it is. */
async function makeQueue(url: string, queue: string): Promise<void> {
  const Attributes = queue.endsWith('.fifo') ? { FifoQueue: 'true' } : {}
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.CreateQueue' },
    body: JSON.stringify({ QueueName: queue, Attributes }),
  })
  if (response.ok) return
  const said = (await response.text()).slice(0, 300)
  throw new LocalError('CHILD_FAILED', `The queue ${queue} could not be made at ${url}: ${response.status} ${said}`)
}
