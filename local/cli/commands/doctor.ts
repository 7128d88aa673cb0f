// `npm run doctor`: everything that start needs, looked at and said in a line each, before anything is started. It starts
// nothing and changes nothing.
import { basename } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { checkAddress, describePlace, type ProbedAddress } from '../../doctor/broker-address.ts'
import { placeOfThis, probeAddress } from '../../doctor/broker-probe.ts'
import { type Finding, lineOf, summaryOf } from '../../doctor/finding.ts'
import { checkMappings, type MappingsCheck } from '../../doctor/mappings.ts'
import { checkPartitions } from '../../doctor/partitions.ts'
import { checkPort, type PortUse } from '../../doctor/ports.ts'
import { checkKafkaWays, checkNode } from '../../doctor/programs.ts'
import { checkSinkApi } from '../../doctor/sink-apis.ts'
import { withAdmin } from '../../kafka/connection.ts'
import { javaProblem, mavenProblem } from '../../kafka/distribution.ts'
import { listTopics } from '../../kafka/topics.ts'
import { dockerIsMissing } from '../../process/compose.ts'
import { lockHolder } from '../../process/lock.ts'
import { describeListener, isTaken, listenerOn } from '../../process/port.ts'
import { jsonText } from '../json-text.ts'
import { helpText, sharedOptions, withOptions } from '../options.ts'
import { apiProblem, neededApis } from '../pipeline/sink-apis.ts'
import { dataOf } from '../service/data.ts'
import { readDefinition, toldPartitions } from '../service/definition.ts'
import { findService, type Service } from '../service/service.ts'
import {
  brokersOf,
  type CliSettings,
  kafkaOf,
  misspeltVariables,
  readCliSettings,
  securityProblem,
} from '../service/settings.ts'

const { dir, brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  dir,
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each finding' },
} as const

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'looks at all that start needs, and says what is missing and what to do',
  help: helpText({
    usage: 'doctor [options]',
    options,
    variables: [
      ...(['KAFKA_BROKERS', 'KAFKA_PORT', 'OFFLINE_LAMBDA_PORT', 'OFFLINE_HTTP_PORT'] as const),
      ...(['DYNAMODB_PORT', 'S3_PORT', 'SQS_PORT', 'ALLOW_REMOTE', 'LOCAL_DIR'] as const),
    ],
    notes: `Node, Java, Maven, Docker; the ports and who has them; the brokers, from where it runs (this machine, or a container); the
Kafka mappings of serverless.yml, as AWS checks them; the S3 and SQS for its sinks. A line each: ok, warning, or problem with what to do. It starts and
changes nothing; it ends with 1 if there is a problem.`,
  }),
  async run(words) {
    const { values } = parseWords('doctor', [], options, words)
    const settings = readCliSettings(withOptions(process.env, values))
    const service = findService({ dir: values.dir, environment: process.env })
    const { allowedHosts: allowed } = settings
    const say = (finding: Finding) => {
      console.log(values.json ? jsonText(finding) : lineOf(finding))
      return finding
    }
    const place = await placeOfThis()
    const hostAddress = `localhost:${settings.kafkaPort}`
    const findings = [say(describePlace(place, hostAddress)), say(checkNode(process.version))]
    const insecure = securityProblem(settings)
    if (insecure !== undefined)
      findings.push(say({ level: 'problem', subject: 'security', says: insecure, remedy: plaintext }))
    for (const says of misspeltVariables(process.env))
      findings.push(say({ level: 'warning', subject: 'environment', says }))
    findings.push(...(await lookAtKafkaWays(service, settings)).map(say))

    const look = async (address: string) => await probeAddress(address, allowed)
    const atHostAddress = await look(hostAddress)
    const { definition, mappings } = await lookAtMappings(service, settings)
    const ourStart = lockHolder(dataOf(service).startLock)
    const apis = definition === undefined ? [] : neededApis(definition.queries, settings, service, process.env)
    for (const api of apis)
      findings.push(say(checkSinkApi({ ...api, problem: await apiProblem(service, api.fetched) })))
    const ports = await lookAtPorts(settings, definition, atHostAddress, apis)
    for (const use of ports) findings.push(say(checkPort(use, ourStart)))
    findings.push(...mappings.findings.map(say))

    const { kafkaBrokers } = settings
    const addresses = kafkaBrokers === undefined ? [hostAddress, ...mappings.brokers] : brokersOf(settings)
    for (const address of new Set(addresses)) {
      const probed = address === hostAddress ? atHostAddress : await look(address)
      const isStarted = kafkaBrokers === undefined && address === hostAddress
      findings.push(say(checkAddress(probed, { place, hostAddress, isStarted })))
    }
    const isThere = kafkaBrokers !== undefined || atHostAddress.result.kind === 'open'
    if (isThere && definition !== undefined) findings.push(...(await lookAtPartitions(settings, definition)).map(say))
    if (!values.json) console.log(`\n${summaryOf(findings)}`)
    return findings.some(({ level }) => level === 'problem') ? 1 : 0
  },
}

const plaintext = 'unset them, and name a plaintext listener of Kafka; mapping, batch and verify take them'

async function lookAtKafkaWays(
  { folder, kafkaLibsDir }: Service,
  { kafkaBrokers }: CliSettings,
): Promise<readonly Finding[]> {
  return checkKafkaWays({
    javaProblem: await javaProblem(),
    mavenProblem: await mavenProblem(kafkaLibsDir),
    dockerProblem: await dockerIsMissing(folder),
    configured: kafkaBrokers?.join(','),
  })
}

/** A Kafka that does not answer has its finding already. */
async function lookAtPartitions(settings: CliSettings, definition: PrintedService): Promise<readonly Finding[]> {
  try {
    const found = await withAdmin(kafkaOf(settings), listTopics)
    return checkPartitions(toldPartitions(definition), found, settings.kafkaBrokers === undefined)
  } catch (error) {
    if (!(error instanceof LocalError)) throw error
    return []
  }
}

async function lookAtPorts(
  settings: CliSettings,
  definition: PrintedService | undefined,
  atHostAddress: ProbedAddress,
  apis: ReturnType<typeof neededApis>,
): Promise<readonly PortUse[]> {
  const { kafkaBrokers, kafkaPort, dynamoDbPort } = settings
  const lambdaPort = settings.offlineLambdaPort ?? definition?.offline.lambdaPort ?? 3002
  const httpPort = settings.offlineHttpPort ?? definition?.offline.httpPort ?? 3000
  const kafka = [
    { port: kafkaPort, use: 'Kafka', variable: 'KAFKA_PORT', isKafka: atHostAddress.result.kind === 'open' },
    ...(kafkaPort === 9092 ? [{ port: 29092, use: "Kafka's listener for containers", variable: undefined }] : []),
  ]
  const uses = [
    ...(kafkaBrokers === undefined ? kafka : []),
    { port: lambdaPort, use: 'Lambda', variable: 'OFFLINE_LAMBDA_PORT' },
    { port: httpPort, use: "serverless-offline's HTTP", variable: 'OFFLINE_HTTP_PORT' },
    { port: dynamoDbPort, use: 'DynamoDB', variable: 'DYNAMODB_PORT' },
    ...apis.map(({ port, service }) => ({ port, use: service, variable: `${service}_PORT` })),
  ]
  const holderOf = async (port: number) => ((await isTaken(port)) ? describeListener(listenerOn(port)) : undefined)
  return Promise.all(uses.map(async (use) => ({ ...use, holder: await holderOf(use.port) })))
}

interface DefinitionCheck {
  /** Undefined where it cannot be read; a finding says why. */
  readonly definition: PrintedService | undefined
  readonly mappings: MappingsCheck
}

async function lookAtMappings(service: Service, settings: CliSettings): Promise<DefinitionCheck> {
  try {
    const definition = await readDefinition(service, settings)
    return { definition, mappings: checkMappings(definition, Date.now()) }
  } catch (error) {
    if (!(error instanceof LocalError)) throw error
    const remedy = 'correct it, or the environment variables that it reads'
    const subject = basename(service.definitionFile)
    const findings: readonly Finding[] = [{ level: 'problem', subject, says: error.message, remedy }]
    return { definition: undefined, mappings: { findings, brokers: [] } }
  }
}
