// The source that a command replays, from its words: a recording, or a range of a topic as the mapping of one function would cut it; all of it,
// or a selection, as it was or in other batches.
import { resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { RecordedHeader } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { type MappingSettings, readSettings } from 'serverless-offline-kafka-mapping/internal/settings/settings'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { functionOf } from '../cli/service/definition.ts'
import { type CliSettings, kafkaOf } from '../cli/service/settings.ts'
import { type OffsetRange, parseBoundary, rangesOf } from '../kafka/offset-range.ts'
import { openTopic } from '../kafka/topic-reader.ts'
import { parseRebatch, rebatched } from './rebatched.ts'
import { recordedBatches } from './recorded-batches.ts'
import type { ReplaySource } from './replayed-batch.ts'
import { parseSelection, selected } from './selection.ts'
import { topicBatches } from './topic-batches.ts'

export interface SourceWords {
  /** A recording; undefined where a topic is named. */
  readonly file: string | undefined
  readonly topic?: string | undefined
  readonly from: string
  readonly to: string
  readonly functions: readonly string[]
  readonly only: readonly string[]
  readonly until?: string | undefined
  readonly rebatch?: string | undefined
  readonly withFailed: boolean
}

export interface OpenSource extends ReplaySource {
  /** The mapping by whose settings a topic is cut. */
  readonly mapping: MappingSettings | undefined
  /** The ranges that are read, where it is a topic. */
  readonly ranges: readonly OffsetRange[] | undefined
  close(): Promise<void>
}

export interface SourcePlace {
  readonly definition: PrintedService | undefined
  readonly settings: CliSettings
  readonly onWarning: (warning: string) => void
  readonly onHeader?: (header: RecordedHeader) => void
  /** In place of those that `from` and `to` come to now. */
  readonly ranges?: readonly OffsetRange[] | undefined
}

/**
 * @throws LocalError COMMAND_INVALID, KAFKA_UNAVAILABLE; while it is read, RECORDING_INVALID
 * @example for await (const batch of (await openSource(words, { definition, settings, onWarning })).batches()) …
 */
export async function openSource(words: SourceWords, place: SourcePlace): Promise<OpenSource> {
  const { file, functions, only, until } = words
  const selection = parseSelection({ only, functions, until })
  const { definition } = place
  if (definition !== undefined) for (const name of selection.functions) functionOf(definition, name)
  const cut = words.rebatch === undefined ? undefined : parseRebatch(words.rebatch)
  if (file === undefined) {
    const { source, mapping, ranges, close } = await openRange(words, [...selection.functions], place, cut)
    return { ...source, mapping, ranges, close, batches: () => selected(source.batches(), selection) }
  }
  const source = recordedBatches(resolve(file), { ...place, withFailed: words.withFailed })
  const batches = () => {
    const chosen = selected(source.batches(), { ...selection, until: cut === undefined ? selection.until : undefined })
    return cut === undefined ? chosen : selected(rebatched(chosen, cut), { ...everything, until: selection.until })
  }
  return { ...source, batches, mapping: undefined, ranges: undefined, close: async () => undefined }
}

/** Names what is replayed: a later run with the same words gets the same batches. How far it goes is no part of it. */
export const sourceKey = ({ file, topic, from, to, functions, only, rebatch, withFailed }: SourceWords): string =>
  JSON.stringify([file === undefined ? [topic, from, to] : resolve(file), functions, only, rebatch, withFailed])

const everything = { functions: new Set<string>(), partitions: [], keys: new Set<string>() }

async function openRange(
  { topic = '', from, to }: SourceWords,
  functions: readonly string[],
  { definition, settings, ranges: given }: SourcePlace,
  cut: { readonly maxRecords: number; readonly windowMs: number } | undefined,
) {
  if (definition === undefined) throw new LocalError('COMMAND_INVALID', '--topic needs the service that reads it.')
  const [begin, end] = [parseBoundary('--from', from), parseBoundary('--to', to)]
  const mapping = mappingOf(definition, topic, functions)
  const address = kafkaOf(settings)
  const reader = await openTopic({ ...address, topic })
  try {
    const ranges = given ?? (await rangesOf(reader, begin, end))
    const source = topicBatches({ reader, ranges, settings: mapping, cut, brokers: address.brokers })
    return { source, mapping, ranges, close: () => reader.close() }
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** The one that reads the topic, or is named. */
function mappingOf(definition: PrintedService, topic: string, functions: readonly string[]): MappingSettings {
  const reading = readSettings(definition, Date.now()).filter((mapping) => mapping.topic === topic)
  const named = reading.filter(({ functionKey }) => functions.length === 0 || functions.includes(functionKey))
  const [mapping, other] = named
  const names = reading.map(({ functionKey }) => functionKey).join(', ')
  if (mapping === undefined) {
    const readers = names === '' ? 'no function of the service reads it' : `it is read by ${names}`
    throw new LocalError(
      'COMMAND_INVALID',
      `--topic ${printable(topic)}: ${readers}. --function NAME names one of them.`,
    )
  }
  if (other !== undefined) {
    throw new LocalError('COMMAND_INVALID', `${printable(topic)} is read by ${names}: name one by --function NAME.`)
  }
  if (mapping.schemaRegistry !== undefined) {
    const problem = `The mapping of ${mapping.functionKey} has a schema registry, through which a range is not read`
    throw new LocalError('SETTINGS_UNSUPPORTED', `${problem}: record its events while it runs (--record FILE).`)
  }
  return mapping
}
