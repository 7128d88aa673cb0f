// Events that somebody else kept, as a recording: those that EventBridge or CloudWatch Logs archived, and batches that a mapping gave up.
// What they were read from says nothing of batches, attempts or outcomes: each document is one event.
import { encodeKafkaEvent } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { NewInvocation } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { deployedName } from '../cli/service/definition.ts'
import { readFiles } from '../redrive/read-files.ts'
import type { Redrivable } from '../redrive/redrivable.ts'

export interface Archive {
  readonly invocations: readonly NewInvocation[]
  /** Where something stands that is no event, or lacks its records. */
  readonly others: readonly string[]
}

const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'archive' } as const

/**
 * In the order of their files and lines.
 * @param functionKey whose events they are, where they do not say
 * @throws LocalError COMMAND_INVALID for an event that is nobody's; as readFiles
 * @example (await importArchive('archive/', definition, 'totals')).invocations.length // 12
 */
export async function importArchive(
  path: string,
  definition: PrintedService,
  functionKey: string | undefined,
): Promise<Archive> {
  const { items, others } = await readFiles(path)
  const keys = Object.keys(definition.functions)
  const functionOf = ({ functionName, query, where }: Redrivable): string => {
    const key = functionKey ?? keys.find((it) => it === query || deployedName(definition, it) === functionName)
    if (key !== undefined) return key
    throw new LocalError(
      'COMMAND_INVALID',
      `${where} does not say whose event it is: name the function by --function NAME.`,
    )
  }
  const whole = items.filter(({ records, obstacle }) => records.length > 0 && obstacle === undefined)
  return {
    invocations: whole.map((item) => ({
      at: timeText(Math.max(...item.records.map(({ timestamp }) => timestamp))),
      function: functionOf(item),
      outcome: 'none',
      event: encodeKafkaEvent(origin, item.records),
    })),
    others: [...others, ...items.filter((item) => !whole.includes(item)).map(({ where }) => where)],
  }
}

const lastMs = Date.UTC(9999, 11, 31)

/** ISO 8601. A producer may give a record any time, and years have four digits there. */
export const timeText = (epochMs: number): string => new Date(Math.min(Math.max(0, epochMs), lastMs)).toISOString()
