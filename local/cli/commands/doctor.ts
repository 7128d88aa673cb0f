// `npm run doctor`: everything that npm start needs, looked at and said in a line each, before anything is started. It starts
// nothing and changes nothing.
import { join } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import { readServiceDefinition } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { checkDoor, type Door, describePlace } from '../../doctor/brokers.ts'
import { lookAtDoor, placeOfThis } from '../../doctor/door.ts'
import { type Finding, lineOf, summaryOf } from '../../doctor/finding.ts'
import { checkMappings, type MappingsCheck } from '../../doctor/mappings.ts'
import { checkPort, type PortUse } from '../../doctor/ports.ts'
import { checkKafkaWays, checkNode } from '../../doctor/programs.ts'
import { defaultLibsDir, javaProblem, mavenProblem } from '../../kafka/distribution.ts'
import { dockerIsMissing } from '../../process/compose.ts'
import { lockHolder } from '../../process/lock.ts'
import { describeListener, isTaken, listenerOn } from '../../process/port.ts'
import { startLock } from '../data.ts'
import {
  brokersOf,
  type CliSettings,
  projectDir,
  readCliSettings,
  securityProblem,
  withoutAwsAccount,
} from '../settings.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'looks at all that npm start needs, and says what is missing and what to do',
  help: `npm run doctor -- [--allow-remote HOST]

Node, Java, Maven, Docker; the ports and who has them; the brokers, from where it runs (this machine, or a container); the
Kafka mappings of serverless.yml, as AWS checks them. A line each: ok, warning, or problem with what to do. It starts and
changes nothing; it ends with 1 if there is a problem.
Environment: as npm start has it: KAFKA_BROKERS, KAFKA_PORT, OFFLINE_LAMBDA_PORT, OFFLINE_HTTP_PORT, DYNAMODB_PORT, ALLOW_REMOTE.`,
  async run(words) {
    const { values } = parseWords(
      'doctor',
      [],
      { 'allow-remote': { type: 'string', multiple: true, default: [] } },
      words,
    )
    const settings = readCliSettings(process.env)
    const allowed = parseAllowedHosts([settings.allowRemote, ...values['allow-remote']].join(','))
    const say = (finding: Finding) => {
      console.log(lineOf(finding))
      return finding
    }
    const place = await placeOfThis()
    const hostDoor = `localhost:${settings.kafkaPort}`
    const findings = [say(describePlace(place, hostDoor)), say(checkNode(process.version))]
    const insecure = securityProblem(settings)
    if (insecure !== undefined)
      findings.push(say({ level: 'problem', subject: 'security', says: insecure, remedy: plaintext }))
    findings.push(...(await lookAtKafkaWays(settings)).map(say))

    const look = async (address: string) => await lookAtDoor(address, allowed)
    const atHostDoor = await look(hostDoor)
    const ourStart = lockHolder(startLock)
    for (const use of await lookAtPorts(settings, atHostDoor)) findings.push(say(checkPort(use, ourStart)))

    const mappings = await lookAtMappings(settings)
    findings.push(...mappings.findings.map(say))

    const { kafkaBrokers } = settings
    const addresses = kafkaBrokers === undefined ? [hostDoor, ...mappings.brokers] : brokersOf(settings)
    for (const address of new Set(addresses)) {
      const door = address === hostDoor ? atHostDoor : await look(address)
      const isStarted = kafkaBrokers === undefined && address === hostDoor
      findings.push(say(checkDoor(door, { place, hostDoor, isStarted })))
    }
    console.log(`\n${summaryOf(findings)}`)
    return findings.some(({ level }) => level === 'problem') ? 1 : 0
  },
}

const plaintext = 'unset them, and name a plaintext listener of Kafka; npm run mapping, batch and verify take them'

async function lookAtKafkaWays({ kafkaBrokers }: CliSettings): Promise<readonly Finding[]> {
  return checkKafkaWays({
    javaProblem: await javaProblem(),
    mavenProblem: await mavenProblem(defaultLibsDir),
    dockerProblem: await dockerIsMissing(projectDir),
    configured: kafkaBrokers?.join(','),
  })
}

async function lookAtPorts(settings: CliSettings, atHostDoor: Door): Promise<readonly PortUse[]> {
  const { kafkaBrokers, kafkaPort, offlineLambdaPort, offlineHttpPort, dynamoDbPort } = settings
  const kafka = [
    { port: kafkaPort, use: 'Kafka', variable: 'KAFKA_PORT', isKafka: atHostDoor.sight.kind === 'open' },
    ...(kafkaPort === 9092 ? [{ port: 29092, use: "Kafka's door for containers", variable: undefined }] : []),
  ]
  const uses = [
    ...(kafkaBrokers === undefined ? kafka : []),
    { port: offlineLambdaPort, use: 'Lambda', variable: 'OFFLINE_LAMBDA_PORT' },
    { port: offlineHttpPort, use: "serverless-offline's HTTP", variable: 'OFFLINE_HTTP_PORT' },
    { port: dynamoDbPort, use: 'DynamoDB', variable: 'DYNAMODB_PORT' },
  ]
  const holderOf = async (port: number) => ((await isTaken(port)) ? describeListener(listenerOn(port)) : undefined)
  return Promise.all(uses.map(async (use) => ({ ...use, holder: await holderOf(use.port) })))
}

async function lookAtMappings(settings: CliSettings): Promise<MappingsCheck> {
  try {
    const environment = { ...withoutAwsAccount(process.env), KAFKA_BROKERS: brokersOf(settings).join(',') }
    return checkMappings(
      await readServiceDefinition({ file: join(projectDir, 'serverless.yml'), environment }),
      Date.now(),
    )
  } catch (error) {
    if (!(error instanceof LocalError)) throw error
    const remedy = 'correct it, or the environment variables that it reads'
    return { findings: [{ level: 'problem', subject: 'serverless.yml', says: error.message, remedy }], brokers: [] }
  }
}
