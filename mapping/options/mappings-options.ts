// What the mappings of a service are started with: the options of a command line before the variables of the environment, all
// checked by one schema (settings/environment.ts). The plugin and `kafka-mapping` have the same options, read here.

import { LocalError } from '../error.ts'
import type { Log } from '../log.ts'
import type { MappingsOptions } from '../mappings.ts'
import { type GivenOption, readEnvironment } from '../settings/environment.ts'
import { functionNameOf, type ServiceDefinition } from '../settings/settings.ts'
import { type CommandLine, formerVariables, optionsOf } from './options.ts'

/** The words of a command line by option; one that may be given again is a list, or a word alone. */
export type OptionValues = Readonly<Record<string, OptionValue>>
type OptionValue = string | number | boolean | ReadonlyArray<string | boolean> | undefined

export interface MappingsSources {
  readonly values: OptionValues
  readonly commandLine: CommandLine
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly service: ServiceDefinition
  /** Where functions are invoked if nothing says otherwise. */
  readonly standardEndpoint: () => string
  readonly log: Log
}

/**
 * @throws LocalError SETTINGS_INVALID naming the option, the variable or the function
 * @example startMappings(mappingsOptions({ values: { 'metrics-port': '9464' }, commandLine: 'plugin', … }))
 */
export function mappingsOptions(sources: MappingsSources): MappingsOptions {
  const { values, service } = sources
  const environment = readEnvironment(sources.environment, givenOptions(sources))
  warnOfFormerVariables(environment.formerVariables, sources.log)
  const names = functionNames(listOf(values['function-name']), Object.keys(service.functions))
  return {
    ...service,
    // Else the name that they have on AWS, by which serverless-offline knows them too.
    functionName: (key) => names.get(key) ?? functionNameOf(service, key, service.functions[key]?.name),
    endpoint: environment.lambdaEndpoint ?? sources.standardEndpoint(),
    kafkaBrokers: environment.kafkaBrokers,
    kafkaSecurity: environment.kafkaSecurity,
    allowed: environment.allowedHosts,
    recordFile: environment.recordFile,
    onFailureFile: environment.onFailureFile,
    awsEndpoint: environment.awsEndpoint,
    schemaRegistry: environment.schemaRegistry,
    metricsPort: environment.metricsPort,
    page: environment.page,
    maxInvocations: environment.maxInvocations,
    saysBatches: environment.saysBatches,
    log: sources.log,
  }
}

function warnOfFormerVariables(names: readonly string[], log: Pick<Log, 'warning'>): void {
  if (names.length === 0) return
  const pairs = names.map((name) => `${name} is now ${formerVariables.get(name)}`).join(', ')
  log.warning(
    `Kafka mappings: ${pairs}: the old names are still read, though an application may mean something else by them`,
  )
}

/** The options that take the place of a variable; those that may be given again are added to it. */
function givenOptions({ values, commandLine, environment }: MappingsSources): readonly GivenOption[] {
  return optionsOf(commandLine).flatMap(({ word, variable, formerVariable = '', isRepeated }) => {
    const value = values[word]
    if (variable === undefined || value === undefined || value === false) return []
    const own =
      isRepeated === undefined
        ? String(value)
        : [environment[variable] ?? environment[formerVariable] ?? '', ...listOf(value)].join()
    return [{ option: `--${word}`, variable, value: own }]
  })
}

const listOf = (value: OptionValue): readonly string[] => [value ?? []].flat().map(String)

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
