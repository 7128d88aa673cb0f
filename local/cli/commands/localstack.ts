// `microbatch localstack`: the functions inside LocalStack's Lambda, fed by our mapping from the Kafka of docker-compose.yml. Brings the
// profile up, shows what the functions print until it is asked to end, takes down what it brought up. Tables go to stdout.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { exitCodeOf, listenForStop } from 'serverless-offline-kafka-mapping/internal/command/stop-signal'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type FunctionLog, openFunctionLog } from '../../localstack/function-log.ts'
import { printed } from '../../localstack/function-output.ts'
import { type Compose, composeIn, dockerIsMissing } from '../../process/compose.ts'
import { tryLock } from '../../process/lock.ts'
import { helpText, sharedOptions } from '../options.ts'
import { assertFree } from '../pipeline/offline.ts'
import { present } from '../pipeline/presenter.ts'
import { openTableLog } from '../pipeline/table-log.ts'
import { dataOf } from '../service/data.ts'
import { deployedName, readDefinition } from '../service/definition.ts'
import { findService, makeLocalDir, type Service } from '../service/service.ts'
import { readCliSettings } from '../service/settings.ts'

const stage = 'localstack'
/** The stage's services that stay; the others do their work and end. */
const services = ['kafka', 'localstack', 'mapping']
const pollMs = 1_000
/** So long may LocalStack not answer before it is given up. */
const patienceMs = 30_000
/** So long are the last lines waited for, once it is asked to end. */
const lastLookMs = 5_000

const options = {
  verbose: { type: 'boolean', default: false, help: 'shows the log lines of the functions, too' },
  dir: sharedOptions.dir,
} as const

export const localstackCommand: Command = {
  name: 'localstack',
  summary: "the functions inside LocalStack's Lambda, fed by our mapping from Docker's Kafka; prints their tables",
  help: helpText({
    usage: 'localstack [options]',
    options,
    notes: `Needs Docker with Compose, and the profile localstack in the docker-compose.yml of the service. Starts Kafka and LocalStack,
deploys the service to stage localstack in it, starts the mapping, and shows what the functions print. Beside it:
microbatch verify --stage localstack. docker compose --profile localstack logs mapping shows each batch.
Environment: KAFKA_PORT (9092), LOCALSTACK_PORT (4566), and what docker-compose.yml takes.
Ctrl-C takes down what it started; Kafka's data stay, LocalStack keeps nothing. What one that was killed has left is ended by:
docker compose --profile localstack down`,
  }),
  async run(words) {
    const { values } = parseWords('localstack', [], options, words)
    const service = findService({ dir: values.dir, environment: process.env })
    const missing = await dockerIsMissing(service.folder)
    if (missing !== undefined) throw new LocalError('DOCKER_FAILED', `localstack needs Docker: ${missing}.`)
    makeLocalDir(service)
    const lock = tryLock(join(service.localDir, 'localstack.lock'), `process ${process.pid}`)
    if ('heldBy' in lock) throw new LocalError('ALREADY_RUNNING', `microbatch localstack runs already: ${lock.heldBy}.`)
    try {
      return await upUntilStopped(service, values.verbose)
    } finally {
      lock.release()
    }
  },
}

const notice = (line: string) => process.stderr.write(`${line}\n`)

async function upUntilStopped(service: Service, verbose: boolean): Promise<number> {
  const settings = readCliSettings(process.env)
  const { kafkaPort, localstackPort } = settings
  const definition = await readDefinition(service, settings, stage)
  const names = Object.keys(definition.functions).map((key) => deployedName(definition, key))
  const compose = composeIn(service.folder, { KAFKA_PORT: String(kafkaPort), LOCALSTACK_PORT: String(localstackPort) })
  const stop = listenForStop()
  const ending = new AbortController()
  void stop.asked.then((signal) => ending.abort(new Error(signal)))
  const before = await compose.running()
  if (!before.has('kafka')) await assertFree(kafkaPort, 'KAFKA_PORT')
  if (!before.has('localstack')) await assertFree(localstackPort, 'LOCALSTACK_PORT')
  void stop.urged.then(() => notice('It is being taken down; to leave at once would leave containers behind.'))
  try {
    notice('Starting Kafka and LocalStack, deploying to it, starting the mapping: a minute or two ...')
    await compose
      .run(['--profile', stage, 'up', '--detach', 'mapping'], ending.signal)
      .catch(async (error: unknown) => {
        if (!(error instanceof LocalError)) throw error
        await compose.run(['--profile', stage, 'logs', '--tail', '20', 'localstack', 'deploy']) // gone when all is taken down
        const what = 'What Docker, LocalStack and the deployment said stands above'
        throw new LocalError('DOCKER_FAILED', `${error.message}. ${what}.`, { cause: error })
      })
    notice(`The functions run in LocalStack (http://127.0.0.1:${localstackPort}). Ctrl-C takes it down.\n`)
    const functions = {
      endpoint: `http://127.0.0.1:${localstackPort}`,
      names,
      tablesFile: dataOf(service, stage).tables,
    }
    await show(functions, compose, verbose, ending.signal)
  } catch (error) {
    if (!ending.signal.aborted) {
      // What went wrong first is what is to be said; what is left behind besides is said beside it.
      await takeDown(compose, before).catch((second: unknown) => notice(`It was not taken down: ${messageOf(second)}`))
      throw error
    }
  }
  await takeDown(compose, before)
  const signal = await stop.asked
  return exitCodeOf(signal)
}

interface ShownFunctions {
  readonly endpoint: string
  /** The same as on AWS. */
  readonly names: readonly string[]
  readonly tablesFile: string
}

/** Until the signal is aborted, or LocalStack is gone. */
async function show(
  { endpoint, names, tablesFile }: ShownFunctions,
  compose: Compose,
  verbose: boolean,
  signal: AbortSignal,
): Promise<void> {
  rmSync(tablesFile, { force: true }) // LocalStack still has what it printed before
  const tables = openTableLog(tablesFile)
  const logs = names.map((name) => openFunctionLog(endpoint, name))
  const output = (stream: 'stdout' | 'stderr', line: string) => {
    const { output, notice: said } = present(stream, line, verbose)
    if (output !== undefined) {
      tables.write(output)
      process.stdout.write(`${output}\n`)
    }
    if (said !== undefined) notice(said)
  }
  try {
    let answeredAtMs = performance.now()
    let wasMapping = true
    for (let round = 0; !signal.aborted; round++) {
      try {
        await showMore(logs, output, signal)
        answeredAtMs = performance.now()
      } catch (error) {
        if (performance.now() - answeredAtMs < patienceMs) continue
        throw new LocalError('DOCKER_FAILED', `LocalStack at ${endpoint} does not answer: ${messageOf(error)}`, {
          cause: error,
        })
      } finally {
        await delay(pollMs, undefined, { signal }).catch(() => {}) // asked to end
      }
      if (round % 5 !== 0) continue
      const isMapping = (await compose.running()).has('mapping')
      if (isMapping !== wasMapping) notice(isMapping ? 'The mapping runs again.' : mappingEnded)
      wasMapping = isMapping
    }
    await showMore(logs, output, AbortSignal.timeout(lastLookMs))
  } finally {
    for (const log of logs) log.close()
  }
}

const mappingEnded = `The mapping has ended (docker compose --profile ${stage} logs mapping). To start it again: \
docker compose --profile ${stage} start mapping`

async function showMore(
  logs: readonly FunctionLog[],
  output: (stream: 'stdout' | 'stderr', line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const log of logs) {
    for (const message of await log.read(signal)) {
      const { stream, lines } = printed(message)
      for (const line of lines) output(stream, line)
    }
  }
}

/** What ran before us stays. */
async function takeDown(compose: Compose, before: ReadonlySet<string>): Promise<void> {
  notice('Taking it down ...')
  if (before.size === 0) return compose.run(['--profile', stage, 'down'])
  notice(`What ran before stays (${[...before].join(', ')}). To end it: docker compose --profile ${stage} down`)
  const ours = services.filter((service) => !before.has(service))
  const done = before.has('localstack') ? [] : ['deploy', 'new-groups']
  if (ours.length > 0) await compose.run(['--profile', stage, 'rm', '--force', '--stop', ...ours.reverse(), ...done])
}
