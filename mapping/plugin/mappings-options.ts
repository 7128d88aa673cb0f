// What the mappings of a service are started with: the options of a command line before the variables of the environment, all
// checked by one schema (environment.ts). The plugin and `npm run mapping` have the same options, read here.

import { LocalError } from '../error.ts'
import type { Log } from '../log.ts'
import type { MappingsOptions } from '../mappings.ts'
import { type OptionWord, readEnvironment } from '../settings/environment.ts'
import { functionNameOf, type ServiceDefinition } from '../settings/settings.ts'

/** As a command line gives them; one that may be given again is a list, or a word alone. */
export interface MappingsWords {
  readonly record?: string | undefined
  readonly 'allow-remote'?: string | readonly string[] | undefined
  readonly 'quiet-batches'?: boolean | undefined
  readonly 'metrics-port'?: string | number | undefined
  readonly 'on-failure-file'?: string | undefined
  readonly 'function-name'?: string | readonly string[] | undefined
  /** Of the Lambda Invoke API: `npm run mapping` has the one, the plugin the other. */
  readonly endpoint?: string | undefined
  readonly 'lambda-endpoint'?: string | undefined
}

export interface MappingsSources {
  readonly words: MappingsWords
  readonly endpointOption: 'endpoint' | 'lambda-endpoint'
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly service: ServiceDefinition
  /** Where functions are invoked if nothing says otherwise. */
  readonly standardEndpoint: string
  readonly log: Log
}

/**
 * @throws LocalError SETTINGS_INVALID naming the option, the variable or the function
 * @example startMappings(mappingsOptions({ words: { 'metrics-port': '9464' }, environment: process.env, … }))
 */
export function mappingsOptions(sources: MappingsSources): MappingsOptions {
  const { words, endpointOption, service } = sources
  const allowRemote = [sources.environment.ALLOW_REMOTE ?? '', words['allow-remote'] ?? []].flat().join(',')
  const options: readonly OptionWord[] = [
    { option: '--record', variable: 'RECORD_FILE', value: words.record },
    { option: '--allow-remote', variable: 'ALLOW_REMOTE', value: allowRemote },
    {
      option: '--quiet-batches',
      variable: 'QUIET_BATCHES',
      value: words['quiet-batches'] === true ? 'true' : undefined,
    },
    { option: '--metrics-port', variable: 'METRICS_PORT', value: words['metrics-port'] },
    { option: '--on-failure-file', variable: 'ON_FAILURE_FILE', value: words['on-failure-file'] },
    { option: `--${endpointOption}`, variable: 'LAMBDA_ENDPOINT', value: words[endpointOption] },
  ]
  const environment = readEnvironment(sources.environment, options)
  const names = functionNames([words['function-name'] ?? []].flat(), Object.keys(service.functions))
  return {
    ...service,
    // Else the name that they have on AWS, by which serverless-offline knows them too.
    functionName: (key) => names.get(key) ?? functionNameOf(service, key, service.functions[key]?.name),
    endpoint: environment.lambdaEndpoint ?? sources.standardEndpoint,
    kafkaBrokers: environment.kafkaBrokers,
    kafkaSecurity: environment.kafkaSecurity,
    allowed: environment.allowedHosts,
    recordFile: environment.recordFile,
    onFailureFile: environment.onFailureFile,
    awsEndpoint: environment.awsEndpoint,
    metricsPort: environment.metricsPort,
    saysBatches: environment.saysBatches,
    log: sources.log,
  }
}

/** `bars=function`: what a function is called at an endpoint with names of its own, as the runtime interface emulator has it. */
function functionNames(words: readonly string[], keys: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const [, key, name] = /^([^=]+)=(.+)$/.exec(word) ?? []
      if (key === undefined || name === undefined)
        throw new LocalError('SETTINGS_INVALID', `--function-name takes KEY=NAME, not ${word}`)
      if (!keys.includes(key))
        throw new LocalError(
          'SETTINGS_INVALID',
          `--function-name ${word}: there is no function ${key}, only ${keys.join(', ') || 'none at all'}.`,
        )
      return [key, name]
    }),
  )
}
