// The lines of one mapping, made from its events: few, each said once, safe to print.

import type { EndEvent, MappingEvent, MappingIdentity } from '../events/mapping-event.ts'
import type { Log } from '../log.ts'
import { printable } from '../terminal.ts'
import { batchLine, recordsText } from './batch-line.ts'
import { troubleStatus } from './trouble-status.ts'

type Discarded = Extract<EndEvent, { readonly kind: 'discarded' }>

/** @example onMappingEvent(journal(log), mapping) */
export function journal(log: Log): (event: MappingEvent) => void {
  const connection = troubleStatus(log)
  const reading = troubleStatus(log)
  const refusal = troubleStatus(log)
  const committing = troubleStatus(log)
  const registry = troubleStatus(log)

  return (event) => {
    const { mapping } = event
    const { topic } = mapping
    switch (event.kind) {
      case 'kafkaUnreachable':
        return connection.trouble(`Kafka at ${event.brokers.join()} does not answer; waiting`)
      case 'kafkaReachable':
        return connection.over(`Kafka at ${event.brokers.join()} answers again`)
      case 'topicMissing':
        return log.warning(`topic ${topic} does not exist on Kafka at ${event.brokers.join()}; waiting for it`)
      case 'topicFound':
        return log.notice(`topic ${topic} is there; going on`)
      case 'destinationMissing':
        return log.warning(
          `the on-failure topic ${event.topic} does not exist on Kafka at ${event.brokers.join()}: create it, since it is made ` +
            'by nobody, on AWS neither; until then what is discarded is dropped',
        )
      case 'brokerRefused':
        return refusal.trouble(event.message)
      case 'readFailed': {
        log.debug(`${event.step} of ${topic}: ${event.message}`)
        if (event.isUnreachable) return
        const what = event.step === 'records' ? `read ${topic}` : `look up the positions of ${topic}`
        return reading.trouble(`cannot ${what} at ${event.brokers.join()}: ${event.message}; trying again`)
      }
      case 'readResumed':
        return reading.over(`reading ${topic} again`)
      case 'registryFailed':
        return registry.trouble(`${event.message}; the records of ${topic} wait`)
      case 'registryAnswered':
        return registry.over('the schema registry answers again')
      case 'recordRefused':
        return log.warning(printable(`${recordsText(mapping, event.records)}: ${event.message}`))
      case 'rewound':
        return log.warning(
          `${topic}-${event.partition}: reading went back to offset ${event.offset}; was the topic made anew?`,
        )
      case 'assigned':
        if (event.from !== 'outOfRange') return
        return log.warning(
          `${topic}-${event.partition}: the commit ${event.committed} is no longer in the log; from ${event.offset}`,
        )
      case 'groupShared':
        return log.notice(
          printable(
            `group ${mapping.consumerGroupId} has other members (${event.others.join(', ')}): they get their share of ${topic}, ` +
              'which does not come here. One that was killed is a member for 10 s more.',
          ),
        )
      case 'polled':
        if (event.filteredOut === 0 || event.filteredOut < event.records.count) return
        return log.info(`${recordsText(mapping, event.records)} | ${event.filteredOut} filtered out, none to send`)
      case 'recordTooLarge': {
        const [at] = event.records.spans
        return log.error(
          `${topic}-${at?.partition} offset ${at?.first}: ${event.bytes} bytes encoded do not fit a payload of ${event.maxBytes}`,
        )
      }
      case 'recordBatchTooLarge': {
        const [at] = event.records.spans
        return log.error(
          `${topic}-${at?.partition} offsets ${event.firstOffset} to ${event.lastOffset}: a compressed batch of ${event.count} ` +
            `records expands to more than ${event.maxBytes} bytes: not read`,
        )
      }
      case 'invocationSucceeded':
        return log.info(batchLine(mapping, event))
      case 'invocationFailed':
        return log.warning(batchLine(mapping, event))
      case 'expired':
        return log.warning(`${recordsText(mapping, event.records)}: ${event.message}`)
      case 'discarded':
        return event.droppedCount === 0
          ? log.warning(`${recordsText(mapping, event.records)}: ${event.condition}, to ${event.destination}`)
          : log.error(`${recordsText(mapping, event.records)}: dropped (${event.condition})${droppedText(event)}`)
      case 'committed':
        return committing.over('commits are taken again')
      case 'commitFailed':
        log.debug(`commit: ${event.message}`)
        return committing.trouble('Kafka did not take a commit; it is made again until it does')
      case 'logStartsUnknown':
        return log.debug(`where the logs begin: ${event.message}`)
      case 'defect':
        return log.error(`a bug in the mapping, ${event.message}`)
      case 'paused':
        return log.notice(`${nameOf(mapping)}: paused; no invocation begins until it is resumed`)
      case 'resumed':
        return log.notice(`${nameOf(mapping)}: resumed`)
      case 'faultInjected':
        return log.warning(`${nameOf(mapping)}: a fault is injected: ${event.fault}`)
      case 'rebalanced':
      case 'batchClosed':
      case 'invocationStarted':
      case 'handled':
      case 'stopped':
    }
  }
}

const nameOf = ({ functionKey, topic }: MappingIdentity): string => printable(`${functionKey} <- ${topic}`)

const droppedText = ({ destination, error }: Discarded): string =>
  destination === undefined
    ? ', as AWS does without an on-failure destination'
    : `; ${destination} did not take it: ${error}`
