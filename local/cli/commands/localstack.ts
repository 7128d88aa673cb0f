// `npm run localstack`: the functions inside LocalStack's Lambda, fed by our mapping from the Kafka of docker-compose.yml. Brings the
// profile up, shows what the functions print until it is asked to end, takes down what it brought up. Tables go to stdout.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { exitCodeOf, listenForStop } from 'serverless-offline-kafka-mapping/internal/command/stop-signal'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type FunctionLog, openFunctionLog } from '../../localstack/function-log.ts'
import { printed } from '../../localstack/function-output.ts'
import { type Compose, composeIn, dockerIsMissing } from '../../process/compose.ts'
import { tryLock } from '../../process/lock.ts'
import { tablesFileOf } from '../data.ts'
import { deployedName } from '../function-name.ts'
import { assertFree } from '../pipeline/offline.ts'
import { present } from '../pipeline/presenter.ts'
import { openTableLog } from '../pipeline/table-log.ts'
import { localDir, makeLocalDir, projectDir, readCliSettings } from '../settings.ts'

const stage = 'localstack'
/** The stage's services that stay; the others do their work and end. */
const services = ['kafka', 'localstack', 'mapping']
const pollMs = 1_000
/** So long may LocalStack not answer before it is given up. */
const patienceMs = 30_000
/** So long are the last lines waited for, once it is asked to end. */
const lastLookMs = 5_000

export const localstackCommand: Command = {
  name: 'localstack',
  summary: "the functions inside LocalStack's Lambda, fed by our mapping from Docker's Kafka; prints their tables",
  help: `npm run localstack -- [--verbose]

  --verbose   shows the log lines of the functions, too

Needs Docker with Compose. Starts Kafka and LocalStack (docker compose, profile localstack), deploys the service to stage
localstack in it, starts the mapping, and shows what the functions print. Beside it: npm run verify -- --stage localstack.
docker compose --profile localstack logs mapping shows each batch.
Environment: KAFKA_PORT (9092), LOCALSTACK_PORT (4566), TOPIC, SYMBOLS, SEED, WINDOW, WATERMARK_DELAY, OUTPUT_MODE,
IDLE_TIMEOUT.
Ctrl-C takes down what it started; Kafka's data stay, LocalStack keeps nothing. What one that was killed has left is ended by:
docker compose --profile localstack down`,
  async run(words) {
    const { values } = parseWords('localstack', [], { verbose: { type: 'boolean', default: false } }, words)
    const missing = await dockerIsMissing(projectDir)
    if (missing !== undefined) throw new LocalError('DOCKER_FAILED', `npm run localstack needs Docker: ${missing}.`)
    makeLocalDir()
    const lock = tryLock(join(localDir, 'localstack.lock'), `process ${process.pid}`)
    if ('heldBy' in lock) throw new LocalError('ALREADY_RUNNING', `npm run localstack runs already: ${lock.heldBy}.`)
    try {
      return await upUntilStopped(values.verbose)
    } finally {
      lock.release()
    }
  },
}

const notice = (line: string) => process.stderr.write(`${line}\n`)
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function upUntilStopped(verbose: boolean): Promise<number> {
  const { kafkaPort, localstackPort } = readCliSettings(process.env)
  const compose = composeIn(projectDir, { KAFKA_PORT: String(kafkaPort), LOCALSTACK_PORT: String(localstackPort) })
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
    await show(`http://127.0.0.1:${localstackPort}`, compose, verbose, ending.signal)
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

/** Until the signal is aborted, or LocalStack is gone. */
async function show(endpoint: string, compose: Compose, verbose: boolean, signal: AbortSignal): Promise<void> {
  const file = tablesFileOf(stage)
  rmSync(file, { force: true }) // LocalStack still has what it printed before
  const tables = openTableLog(file)
  const logs = ['producer', 'tape', 'bars'].map((key) => openFunctionLog(endpoint, deployedName(key, stage)))
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
        throw new LocalError('DOCKER_FAILED', `LocalStack at ${endpoint} does not answer: ${String(error)}`, {
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
