// The line of an invocation, and how records are named in lines. Pure text; what comes from records and handlers is made safe to print.

import type { InvocationEvent, MappingIdentity, SentBatch } from '../events/mapping-event.ts'
import type { RecordList, Span } from '../events/record-list.ts'
import { printable } from '../terminal.ts'

const maxLineLength = 2_000

type Ended = Extract<InvocationEvent, { readonly kind: 'invocationSucceeded' | 'invocationFailed' }>
type Failed = Extract<InvocationEvent, { readonly kind: 'invocationFailed' }>

/** @example 'bars <- stock-ticks 0:15-17 3:7 | 4 records, 1.2 kB, window | 12 ms | ok' */
export function batchLine(mapping: MappingIdentity, event: Ended): string {
  const outcome = event.kind === 'invocationSucceeded' ? 'ok' : `${event.message}; ${sequelText(event)}`
  const { records, durationMs } = event
  return printable(
    `${placeText(mapping, records)} | ${sizeText(event)} | ${Math.round(durationMs)} ms | ${outcome}`,
    maxLineLength,
  )
}

/** @example recordsText({ functionKey: 'bars', topic: 'ticks', … }, records) // 'bars <- ticks 0:5-9' */
export const recordsText = (mapping: MappingIdentity, records: RecordList): string =>
  printable(placeText(mapping, records), maxLineLength)

const placeText = ({ functionKey, topic }: MappingIdentity, { spans }: RecordList): string =>
  `${functionKey} <- ${topic} ${spans.map(spanText).join(' ')}`

/** @example spanText({ partition: 3, first: 7, last: 9, count: 3 }) // '3:7-9' */
const spanText = ({ partition, first, last }: Span): string =>
  `${partition}:${first}${last === first ? '' : `-${last}`}`

function sizeText({ records: { count }, payloadBytes, reason, filteredOut }: SentBatch): string {
  const filtered = filteredOut === 0 ? '' : `, ${filteredOut} filtered out`
  return `${count} ${count === 1 ? 'record' : 'records'}, ${(payloadBytes / 1000).toFixed(1)} kB, ${reason}${filtered}`
}

/** What follows on a failure: @example 'the same records again in 0.8 s' */
function sequelText({ records, discardedCount, retries, isStopping }: Failed): string {
  const [first] = retries
  if (discardedCount > 0 || first === undefined) return 'no retry is left'
  if (isStopping) return 'stopping, not committed'
  if (retries.length > 1) return 'halved'
  const seconds = (Math.max(0, first.delayMs) / 1000).toFixed(1)
  return `${first.records.count === records.count ? 'the same records' : 'these'} again in ${seconds} s`
}
