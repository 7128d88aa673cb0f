// One mapping as the page shows it: how it stands and why, its partitions, its queries, its batches. Made of its events; the lags are
// asked for when a second ends.

import type { MappingEvent, MappingIdentity } from '../../events/mapping-event.ts'
import type { Metrics } from '../../report/metrics.ts'
import type { MappingSettings } from '../../settings/settings.ts'
import { type BatchLog, batchLog } from './batch-log.ts'
import { createHistory, type History } from './history.ts'
import { type QueryLog, queryLog } from './query-log.ts'
import type { HistoryPoint, MappingSummary, Status } from './state.ts'

/** A running mapping, as far as the page needs it. */
export interface ShownMapping {
  readonly identity: MappingIdentity
  readonly settings: MappingSettings
  readonly metrics: Pick<Metrics, 'sums'>
  readonly lags: () => ReadonlyMap<number, number>
  readonly isPaused: () => boolean
  /** Those that are armed, in words. */
  readonly faults: () => MappingSummary['faults']
}

export interface MappingView {
  readonly id: string
  readonly shown: ShownMapping
  readonly batches: BatchLog
  readonly queries: QueryLog
  readonly history: History
  /** Takes an event that is none of a batch's. */
  readonly take: (event: MappingEvent, nowMs: number) => void
  readonly tick: (nowMs: number) => HistoryPoint
  readonly summary: (nowMs: number) => MappingSummary
}

/** Without records for so long a mapping is idle. */
const idleAfterMs = 10_000

/** @example const view = mappingView('0', shown, () => ++lastId, (id) => payloads.drop(id)) */
export function mappingView(
  id: string,
  shown: ShownMapping,
  nextId: () => number,
  forgotten: (batch: number) => void,
): MappingView {
  const batches = batchLog(id, nextId, forgotten)
  const queries = queryLog()
  const history = createHistory()
  const committed = new Map<number, number>()
  const troubles = new Map<string, string>()
  let lastRecordsMs: number | undefined
  let isStopped = false
  let isAssigned = false

  function take(event: MappingEvent, nowMs: number): void {
    switch (event.kind) {
      case 'polled':
        lastRecordsMs = nowMs
        history.add({ polled: event.records.count })
        return
      case 'assigned':
        if (event.committed !== undefined) committed.set(event.partition, event.committed)
        return
      case 'committed':
        for (const { partition, offset } of event.partitions) committed.set(partition, offset)
        return
      case 'rebalanced':
        isAssigned = true
        for (const partition of event.revoked) committed.delete(partition)
        batches.revoked(event.revoked)
        return
      case 'stopped':
        isStopped = true
        return
      default:
        noteTrouble(troubles, event)
    }
  }

  function status(nowMs: number): Status {
    if (isStopped) return { kind: 'stopped', text: 'It has left its group.' }
    if (shown.isPaused()) return { kind: 'paused', text: 'No invocation begins until it is resumed.' }
    const [trouble] = troubles.values()
    if (trouble !== undefined) return { kind: 'waiting', text: trouble }
    const failure = batches.trouble()
    if (failure !== undefined) return { kind: 'failing', text: failure }
    if (!isAssigned) return { kind: 'starting', text: 'Joining the consumer group.' }
    if (batches.inFlight() > 0 || (lastRecordsMs !== undefined && nowMs - lastRecordsMs < idleAfterMs))
      return { kind: 'running', text: '' }
    return { kind: 'idle', text: lastRecordsMs === undefined ? 'No records yet.' : 'No new records.' }
  }

  return {
    ...{ id, shown, batches, queries, history, take },
    tick: (nowMs) => {
      const lag = [...shown.lags().values()].reduce((sum, of) => sum + of, 0)
      return history.tick({ t: Math.floor(nowMs / 1000), lag, gapMs: queries.gapMs() })
    },
    summary: (nowMs) => {
      const { functionKey, topic, consumerGroupId } = shown.identity
      const { batchSize, windowMs, filterPatterns } = shown.settings
      return {
        ...{ id, functionKey, topic, consumerGroupId, batchSize, windowMs, filters: filterPatterns.length },
        status: status(nowMs),
        inputRate: history.rate('polled'),
        processedRate: history.rate('handled'),
        totals: shown.metrics.sums(),
        partitions: [...shown.lags()]
          .toSorted(([one], [other]) => one - other)
          .map(([partition, lag]) => ({ partition, lag, committed: committed.get(partition) ?? null })),
        queries: queries.all(),
        faults: shown.faults(),
      }
    },
  }
}

/** What holds a mapping up as a whole, until it is over. */
function noteTrouble(troubles: Map<string, string>, event: MappingEvent): void {
  switch (event.kind) {
    case 'kafkaUnreachable':
      troubles.set('kafka', `Kafka at ${event.brokers.join()} does not answer.`)
      return
    case 'kafkaReachable':
      troubles.delete('kafka')
      return
    case 'topicMissing':
      troubles.set('topic', `The topic does not exist on Kafka at ${event.brokers.join()}.`)
      return
    case 'topicFound':
      troubles.delete('topic')
      return
    case 'readFailed':
      troubles.set('read', `Reading failed: ${event.message}`)
      return
    case 'readResumed':
      troubles.delete('read')
      return
    case 'registryFailed':
      troubles.set('registry', event.message)
      return
    case 'registryAnswered':
      troubles.delete('registry')
      return
    default:
  }
}
