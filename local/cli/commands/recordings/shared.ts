// The words that the commands of recordings share: what is replayed, and where.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import type { SourceWords } from '../../../replay/open-source.ts'
import { atEndpoint, inProcess, type ReplayTarget } from '../../../replay/target.ts'
import { isLocalEndpoint } from '../../invoke-once.ts'
import { sharedOptions } from '../../options.ts'
import { deployedName } from '../../service/definition.ts'
import type { Service } from '../../service/service.ts'
import type { CliSettings } from '../../service/settings.ts'

export const sourceOptions = {
  topic: { type: 'string', value: 'NAME', help: 'a range of this topic, cut into batches as its mapping would' },
  from: { type: 'string', value: 'BOUNDARY', default: 'earliest', help: 'of the topic: where to begin (earliest)' },
  to: { type: 'string', value: 'BOUNDARY', default: 'latest', help: 'of the topic: where to end, without it (latest)' },
  function: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'only the events of this function (again for more)',
  },
  only: {
    type: 'string',
    value: 'PART',
    multiple: true,
    help: 'only partition:0, partition:0-3, key:TEXT or query:NAME (again for more)',
  },
  until: { type: 'string', value: 'END', help: 'ends at a time, or after batch:N' },
  rebatch: { type: 'string', value: 'SIZE,WINDOW', help: 'cuts the records anew: so many, or so many seconds (100,3)' },
  failed: { type: 'boolean', default: false, help: 'also the attempts that failed, which the recording has too' },
} as const

export const targetOptions = {
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'invokes the functions there; without it their handlers run in this process',
  },
  'function-name': {
    type: 'string',
    value: 'KEY=NAME',
    multiple: true,
    help: 'what function KEY is called at the endpoint (again for more)',
  },
  state: {
    type: 'string',
    value: 'STATE',
    default: 'fresh',
    help: 'fresh, or keep: over the state that start (or the endpoint) keeps (fresh)',
  },
  'into-live-state': { ...sharedOptions['into-live-state'], help: 'the same as --state keep' },
} as const

/** The positional words of a command line that has a file, or names a topic. */
export const fileOrTopic = (words: readonly string[]): readonly string[] =>
  words.some((word) => word === '--topic' || word.startsWith('--topic=')) ? [] : ['FILE']

interface SourceValues {
  readonly topic?: string | undefined
  readonly from: string
  readonly to: string
  readonly function?: readonly string[] | undefined
  readonly only?: readonly string[] | undefined
  readonly until?: string | undefined
  readonly rebatch?: string | undefined
  readonly failed: boolean
}

export const sourceWords = (file: string | undefined, values: SourceValues): SourceWords => ({
  ...{ file, topic: values.topic, from: values.from, to: values.to, until: values.until, rebatch: values.rebatch },
  ...{ functions: values.function ?? [], only: values.only ?? [], withFailed: values.failed },
})

interface TargetValues {
  readonly endpoint?: string | undefined
  readonly function?: readonly string[] | undefined
  readonly 'function-name'?: readonly string[] | undefined
  readonly state: string
  readonly 'into-live-state': boolean
}

export interface TargetPlace {
  /** Undefined where nothing of it is needed: recorded events go to another machine. */
  readonly service: Service | undefined
  readonly definition: PrintedService | undefined
  readonly settings: CliSettings
  /** For bad records, in the folder of the local data. */
  readonly deadLetterFile: string
  /** Where tables are printed. @default stdout */
  readonly tables?: 'stdout' | 'stderr'
  /** Whether tables are printed and sinks are written, in this process. @default true */
  readonly writesSinks?: boolean
}

/** @throws LocalError COMMAND_INVALID, REMOTE_REFUSED */
export function targetOf(values: TargetValues, place: TargetPlace): ReplayTarget {
  const { endpoint, state } = values
  const { service, definition, settings, deadLetterFile, tables = 'stdout', writesSinks = true } = place
  if (state !== 'fresh' && state !== 'keep') {
    throw new LocalError('COMMAND_INVALID', `--state takes fresh or keep, not ${state}.`)
  }
  const isKept = state === 'keep' || values['into-live-state']
  if (endpoint === undefined) {
    if (service === undefined || definition === undefined) throw new Error('a service, to run its handlers')
    return inProcess(service, definition, {
      ...{ state: isKept ? 'kept' : 'fresh', deadLetterFile, tables, writesSinks },
    })
  }
  const isHere = isLocalEndpoint(endpoint)
  const names = functionNames(values['function-name'] ?? [])
  if (!isHere && values.function === undefined) {
    throw new LocalError('REMOTE_REFUSED', `${endpoint} is not this machine: name the function by --function NAME.`)
  }
  if (isHere && !isKept) throw wouldWrite(endpoint)
  return atEndpoint({
    endpoint,
    allowRemote: settings.allowRemote,
    region: definition?.region ?? 'us-east-1',
    functionName: (key) => names.get(key) ?? (isHere && definition ? deployedName(definition, key) : key),
  })
}

function functionNames(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const [, key, name] = /^([^=]+)=(.+)$/.exec(word) ?? []
      if (key !== undefined && name !== undefined) return [key, name] as const
      throw new LocalError('COMMAND_INVALID', `--function-name takes KEY=NAME, not ${word}.`)
    }),
  )
}

const wouldWrite = (endpoint: string): LocalError =>
  new LocalError(
    'COMMAND_INVALID',
    `The functions at ${endpoint} would write these events into the state that they keep. If it is meant: --state keep. ` +
      'Without --endpoint they run in this process, over empty state.',
  )
