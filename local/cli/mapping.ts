// `npm run mapping`, and the `kafka-mapping` command of the package: the mappings of a service alone, without
// serverless-offline in the process. Functions are wherever an Invoke endpoint answers: serverless-offline elsewhere, the
// runtime interface emulator, LocalStack, `sam local start-lambda`.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { readEnvironment } from '../environment.ts'
import { LocalError } from '../error.ts'
import type { Log } from '../mapping/journal.ts'
import { functionNameOf, parseFunctionNames, type ServiceDefinition } from '../mapping/settings.ts'
import { startMappings } from '../mappings.ts'
import { hostOf } from '../safety.ts'
import { printable } from '../terminal.ts'
import { type Command, parseWords } from './command.ts'
import { listenForStop } from './stop-signal.ts'

export const mappingCommand: Command = {
  name: 'mapping',
  summary: "the Kafka mappings of a service alone; its functions are at any endpoint of Lambda's Invoke API",
  help: `npm run mapping -- [--config FILE] [--endpoint URL] [--stage STAGE] [options]

  --config FILE          serverless.yml (read by the service's own serverless: sls print), or the JSON it prints;
                         serverless.yml of this folder otherwise
  --endpoint URL         where functions are invoked (http://127.0.0.1:3002)
  --function-name K=N    the function with key K is called N there (again for more); <service>-<stage>-<key> otherwise
  --stage STAGE          dev
  --record FILE          writes each delivered event to FILE, a line of JSON each
  --on-failure-file FILE where discarded batches go whose destination is not on this machine (.local/on-failure.ndjson)
  --metrics-port PORT    serves the counters as JSON on 127.0.0.1
  --quiet-batches        no line for each batch
  --allow-remote HOST    allows a host that is not this machine (again for more)

Environment: KAFKA_BROKERS, LAMBDA_ENDPOINT, ALLOW_REMOTE, RECORD_FILE, ON_FAILURE_FILE, METRICS_PORT, QUIET_BATCHES,
AWS_ENDPOINT_URL (SQS, SNS and S3 destinations). Ctrl-C lets the batches in flight end; a second one does not wait.`,
  async run(words) {
    const { values } = parseWords(
      'mapping',
      [],
      {
        config: { type: 'string', default: 'serverless.yml' },
        endpoint: { type: 'string' },
        'function-name': { type: 'string', multiple: true, default: [] },
        stage: { type: 'string' },
        record: { type: 'string' },
        'on-failure-file': { type: 'string' },
        'metrics-port': { type: 'string' },
        'quiet-batches': { type: 'boolean', default: false },
        'allow-remote': { type: 'string', multiple: true, default: [] },
      },
      words,
    )
    const environment = readEnvironment(process.env)
    const definition = await readDefinition(resolve(values.config), values.stage)
    const names = parseFunctionNames(values['function-name'])
    const metricsPort = values['metrics-port']
    const stop = listenForStop()
    const mappings = await startMappings({
      ...definition,
      functionName: (key) => names.get(key) ?? functionNameOf(definition, key, definition.functions[key]?.name),
      endpoint: values.endpoint ?? environment.lambdaEndpoint ?? 'http://127.0.0.1:3002',
      kafkaBrokers: environment.kafkaBrokers,
      kafkaSecurity: environment.kafkaSecurity,
      allowed: new Set([...environment.allowedHosts, ...values['allow-remote'].map(hostOf)]),
      recordFile: values.record ?? environment.recordFile,
      onFailureFile: values['on-failure-file'] ?? environment.onFailureFile,
      awsEndpoint: environment.awsEndpoint,
      metricsPort: metricsPort === undefined ? environment.metricsPort : Number(metricsPort),
      saysBatches: environment.saysBatches && !values['quiet-batches'],
      log: stderrLog,
    })
    if (mappings.count === 0) throw new LocalError('SETTINGS_INVALID', `${values.config} has no Kafka mapping to run.`)
    const signal = await stop.asked
    stderrLog.notice('Kafka mappings: ending after the batches in flight (once more: without them)')
    const hurry = new AbortController()
    void stop.urged.then(() => hurry.abort())
    await mappings.stop(hurry.signal)
    return signal === 'SIGINT' ? 0 : signal === 'SIGTERM' ? 143 : 129
  },
}

const say = (text: string): void => {
  process.stderr.write(`${printable(text, 2_000)}\n`)
}
const stderrLog: Log = {
  notice: say,
  warning: (text) => say(`WARN  ${text}`),
  error: (text) => say(`ERROR ${text}`),
  info: () => undefined,
  debug: () => undefined,
}

const printed = z.looseObject({
  service: z.string(),
  provider: z.looseObject({ stage: z.string().optional(), region: z.string().optional() }).optional(),
  functions: z
    .record(z.string(), z.looseObject({ name: z.string().optional(), events: z.array(z.unknown()).optional() }))
    .default({}),
  resources: z.unknown().optional(),
})

/** @throws LocalError SETTINGS_INVALID where the file is missing, or is not a service's definition */
async function readDefinition(file: string, stage: string | undefined): Promise<ServiceDefinition> {
  if (!existsSync(file)) throw new LocalError('SETTINGS_INVALID', `There is no ${file}; name one with --config FILE.`)
  const text = extname(file) === '.json' ? await readFile(file, 'utf8') : await print(file, stage)
  const parsed = printed.safeParse(parseJson(text, file))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${file}: ${z.prettifyError(parsed.error)}`)
  const { service, provider, functions, resources } = parsed.data
  return {
    service,
    stage: stage ?? provider?.stage ?? 'dev',
    region: provider?.region ?? 'us-east-1',
    functions: Object.fromEntries(
      Object.entries(functions).map(([key, { name, events }]) => [
        key,
        { ...(name === undefined ? {} : { name }), events },
      ]),
    ),
    resources,
  }
}

/** Variables, includes and plugins are serverless's to resolve: `sls print` of the service's own version does it. */
async function print(file: string, stage: string | undefined): Promise<string> {
  const folder = dirname(file)
  const serverless = join(folder, 'node_modules/.bin/serverless')
  const command = existsSync(serverless) ? serverless : 'serverless'
  const words = ['print', '--format', 'json', '--config', file.slice(folder.length + 1)]
  try {
    const { stdout } = await promisify(execFile)(command, stage === undefined ? words : [...words, '--stage', stage], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${file} cannot be read by ${command} print: ${String(error)}`, {
      cause: error,
    })
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${file}: not JSON (${String(error)})`, { cause: error })
  }
}
