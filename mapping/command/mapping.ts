// `npm run mapping`, and the `kafka-mapping` command of the package: the mappings of a service alone, without
// serverless-offline in the process. Functions are wherever an Invoke endpoint answers: serverless-offline elsewhere, the
// runtime interface emulator, LocalStack, `sam local start-lambda`.
import { resolve } from 'node:path'
import { LocalError } from '../error.ts'
import type { Log } from '../log.ts'
import { startMappings } from '../mappings.ts'
import { assertSupportedNode } from '../node-version.ts'
import { mappingsOptions } from '../plugin/mappings-options.ts'
import { readServiceDefinition } from '../settings/service-definition.ts'
import { printable } from '../terminal.ts'
import { type Command, parseWords } from './command.ts'
import { exitCodeOf, listenForStop } from './stop-signal.ts'

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

Environment: KAFKA_BROKERS, KAFKA_SASL_MECHANISM (plain, scram-sha-256, scram-sha-512) with KAFKA_USERNAME and KAFKA_PASSWORD,
KAFKA_SSL=true or KAFKA_SSL_CA, KAFKA_SSL_CERT, KAFKA_SSL_KEY (PEM files), KAFKA_SSL_KEY_PASSWORD, LAMBDA_ENDPOINT, ALLOW_REMOTE, RECORD_FILE, ON_FAILURE_FILE, METRICS_PORT, QUIET_BATCHES,
AWS_ENDPOINT_URL (SQS, SNS and S3 destinations). Ctrl-C lets the batches in flight end; a second one does not wait.`,
  async run(words) {
    assertSupportedNode()
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
    const service = await readServiceDefinition({
      file: resolve(values.config),
      stage: values.stage,
      environment: process.env,
    })
    const options = mappingsOptions({
      words: values,
      endpointOption: 'endpoint',
      environment: process.env,
      service,
      standardEndpoint: 'http://127.0.0.1:3002',
      log: stderrLog,
    })
    const stop = listenForStop()
    const mappings = await startMappings(options)
    if (mappings.count === 0) throw new LocalError('SETTINGS_INVALID', `${values.config} has no Kafka mapping to run.`)
    const signal = await stop.asked
    stderrLog.notice('Kafka mappings: ending after the batches in flight (once more: without them)')
    const abort = new AbortController()
    void stop.urged.then(() => abort.abort())
    await mappings.stop(abort.signal)
    return exitCodeOf(signal)
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
