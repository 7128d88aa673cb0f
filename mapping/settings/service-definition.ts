// A service's definition with all variables filled in, as the Serverless Framework itself reads it: `sls print`, run by the
// service's own version. Nothing is sent anywhere.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { z } from 'zod'
import { LocalError, messageOf } from '../error.ts'
import { issuesText } from './issues-text.ts'
import { type DefinitionSource, printedByFramework } from './print/printed-definition.ts'
import type { FunctionDefinition, ServiceDefinition } from './settings.ts'

/** A function as the framework prints it: its events are the mapping's, the rest is for those who run its code. */
export interface PrintedFunction extends FunctionDefinition {
  /** `handlers/consumer.bars`: the module's path without its extension, and what it exports. */
  readonly handler?: string
  readonly runtime?: string
  readonly environment?: Readonly<Record<string, unknown>>
}

/** A query as a plugin of the service knows it, under its function's key: `custom.microbatch.queries`. */
export interface PrintedQuery {
  readonly topic: string
  readonly partitions?: number | undefined
  /** The partitions of each, where it reads several topics. */
  readonly topics?: Readonly<Record<string, number>> | undefined
  readonly consumerGroupId?: string | undefined
  /** The places that its sinks write to, by the variables of its function. */
  readonly sinks?: Readonly<Record<string, PrintedSink>> | undefined
}

/** One of AWS's places, as far as a laptop stands in for it. */
export interface PrintedSink {
  readonly bucket?: string | undefined
  readonly queue?: string | undefined
  /** A topic of Kafka. */
  readonly topic?: string | undefined
  readonly partitions?: number | undefined
}

export interface PrintedService extends ServiceDefinition {
  readonly functions: Readonly<Record<string, PrintedFunction>>
  /** Those of all functions: `provider.environment` and `provider.runtime`. */
  readonly environment: Readonly<Record<string, unknown>>
  readonly runtime: string | undefined
  readonly queries: Readonly<Record<string, PrintedQuery>>
  /** Functions of the file that such a plugin took out: `custom.microbatch.leftOut`. */
  readonly leftOut?: readonly string[] | undefined
  /** `custom.serverless-offline`: the ports that the service gives it. */
  readonly offline: { readonly httpPort?: number | undefined; readonly lambdaPort?: number | undefined }
}

const environment = z.record(z.string(), z.unknown())
const printedSink = z.looseObject({
  bucket: z.string().optional(),
  queue: z.string().optional(),
  topic: z.string().optional(),
  partitions: z.coerce.number().int().min(1).optional(),
})
/** Without one: `lambdaPort: null` is a service whose functions run elsewhere. */
const port = z.union([z.null().transform(() => undefined), z.coerce.number().int().min(1).max(65_535)]).optional()

const printed = z.looseObject({
  service: z.string(),
  provider: z
    .looseObject({
      stage: z.string().optional(),
      region: z.string().optional(),
      timeout: z.unknown().optional(),
      runtime: z.string().optional(),
      environment: environment.nullish(),
    })
    .optional(),
  functions: z
    .record(
      z.string(),
      z.looseObject({
        name: z.string().optional(),
        handler: z.string().optional(),
        runtime: z.string().optional(),
        environment: environment.nullish(),
        events: z.array(z.unknown()).optional(),
        timeout: z.unknown().optional(),
        reservedConcurrency: z.unknown().optional(),
      }),
    )
    .default({}),
  custom: z
    .looseObject({
      microbatch: z
        .looseObject({
          queries: z
            .record(
              z.string(),
              z.looseObject({
                topic: z.string(),
                partitions: z.coerce.number().int().min(1).optional(),
                topics: z.record(z.string(), z.coerce.number().int().min(1)).optional(),
                consumerGroupId: z.string().optional(),
                sinks: z.record(z.string(), printedSink).optional(),
              }),
            )
            .optional(),
          leftOut: z.array(z.string()).optional(),
        })
        .optional(),
      'serverless-offline': z.looseObject({ httpPort: port, lambdaPort: port }).nullish(),
    })
    .nullish(),
  resources: z.unknown().optional(),
})

/** The names under which the framework looks for a service's definition, in its order. */
export const definitionFiles = [
  'serverless.yml',
  'serverless.yaml',
  'serverless.json',
  'serverless.js',
  'serverless.ts',
]

/**
 * @throws LocalError SETTINGS_INVALID where the file is missing, or is not a service's definition, in the framework's words
 * @example (await readServiceDefinition({ file: '/home/me/service/serverless.yml', environment: process.env })).functions
 */
export async function readServiceDefinition(source: DefinitionSource): Promise<PrintedService> {
  const { file, stage } = source
  if (!existsSync(file)) throw new LocalError('SETTINGS_INVALID', `There is no ${file}.`)
  const isPrinted = extname(file) === '.json' && !definitionFiles.includes(basename(file))
  const text = isPrinted ? await readFile(file, 'utf8') : await printedByFramework(source)
  const parsed = printed.safeParse(parseJson(text, file))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${file}: ${issuesText(parsed.error)}`)
  const { service, provider, functions, custom, resources } = parsed.data
  return {
    service,
    stage: stage ?? provider?.stage ?? 'dev',
    region: provider?.region ?? 'us-east-1',
    functions: Object.fromEntries(
      Object.entries(functions).map(
        ([key, { name, handler, runtime, environment: own, events, timeout, reservedConcurrency }]) => [
          key,
          {
            ...(name === undefined ? {} : { name }),
            ...(handler === undefined ? {} : { handler }),
            ...(runtime === undefined ? {} : { runtime }),
            ...(own === undefined || own === null ? {} : { environment: own }),
            events,
            timeout,
            reservedConcurrency,
          },
        ],
      ),
    ),
    timeout: provider?.timeout,
    runtime: provider?.runtime,
    environment: provider?.environment ?? {},
    queries: custom?.microbatch?.queries ?? {},
    leftOut: custom?.microbatch?.leftOut,
    offline: custom?.['serverless-offline'] ?? {},
    resources,
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${file}: not JSON (${messageOf(error)})`, { cause: error })
  }
}
