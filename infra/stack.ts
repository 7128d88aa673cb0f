// All of the deployment that depends on where Kafka is, for serverless.yml to place: `${self:custom.stack.…}`. What is the same
// everywhere stands in the .yml files beside this one.

import { environment, producerNetwork } from './environment.ts'
import { kafkaMapping, type MappingOptions } from './mapping.ts'
import type { LocalPaths, Names } from './names.ts'
import { parameterNames, readParameters } from './parameters.ts'
import { roles } from './roles.ts'

/** The framework's: `param:kafka` -> its value. */
export type ResolveVariable = (variable: string) => Promise<unknown>

/**
 * @throws Error naming each parameter that is wrong or missing for the Kafka that is asked for
 */
export async function stack(resolve: ResolveVariable) {
  const given = await Promise.all(
    parameterNames.map(async (name) => [name, await resolve(`param:${name}`)] satisfies [string, unknown]),
  )
  const parameters = readParameters(Object.fromEntries(given))
  const names: Names = {
    service: String(await resolve('self:service')),
    stage: String(await resolve('sls:stage')),
    topic: String(await resolve('self:custom.topic')),
    partitions: partitionsOf(await resolve('self:custom.partitions')),
  }
  const local = parameters.kafka === 'local' ? await localPaths(resolve) : null
  const mapping = (name: string, options: MappingOptions) => kafkaMapping(parameters, names, name, options)
  const tape = mapping('tape', { allowsPartialBatches: true })
  const bars = mapping('bars', { allowsPartialBatches: false })
  return {
    environment: environment(parameters, names, local),
    producerVpc: producerNetwork(parameters),
    partialBatches: String(parameters.partialBatches),
    events: { tape: tape.events, bars: bars.events },
    resources: {
      Resources: roles(parameters, names),
      extensions: { ...tape.extensions, ...bars.extensions },
    },
    // The framework reads it, since it refers back to what is here; a file that is not there is no resources.
    clusterFile: parameters.kafka === 'msk-new' ? 'infra/msk.yml' : 'infra/no-cluster.yml',
    // Not what a first deploy made before it failed: the next one would find it in its way.
    deletionPolicy: parameters.keepData ? 'RetainExceptOnCreate' : 'Delete',
    replacePolicy: parameters.keepData ? 'Retain' : 'Delete',
    subscriptions: parameters.alarmEmail === null ? [] : [{ Protocol: 'email', Endpoint: parameters.alarmEmail }],
    maxLag: parameters.maxLag,
    brokerDiskGb: parameters.brokerDiskGb,
    partitions: names.partitions,
    isDeployable: parameters.kafka !== 'local',
  }
}

/** A variable of the environment is text, which the template would hold in the place of a number. */
function partitionsOf(value: unknown): number {
  const partitions = Number(value)
  if (Number.isInteger(partitions) && partitions >= 1) return partitions
  throw new Error(`PARTITIONS=${String(value)}: expected a whole number from 1.`)
}

async function localPaths(resolve: ResolveVariable): Promise<LocalPaths> {
  // Handlers run from a build folder: the file is named from the folder of this project.
  const folder = String(await resolve('env:PWD, "."'))
  return {
    deadLetterFile: String(await resolve(`env:DEAD_LETTER_FILE, '${folder}/.local/dead-letters.ndjson'`)),
    dynamoDbEndpoint: String(await resolve("env:AWS_ENDPOINT_URL_DYNAMODB, ''")),
  }
}
