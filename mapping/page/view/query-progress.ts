// The progress of a micro-batch as a function tells it: by what it returns, or by a line of JSON that it prints, whatever its logger
// adds. Any JSON with Spark's members of a StreamingQueryProgress counts; all else is none of the page's business.

import { z } from 'zod'

/** A progress is some kilobytes, a hundred with hundreds of partitions. */
const maxLength = 500_000

const count = z.number().catch(0)
const offsets = z.record(z.string(), z.record(z.string(), z.number())).catch({})
const time = z.iso
  .datetime()
  .transform((text) => Date.parse(text))
  .nullish()
  .catch(undefined)

const progress = z.object({
  name: z.string().max(200),
  batchId: z.number(),
  /** A logger has a `timestamp` of its own: handlers that print their progress call it `started`. */
  timestamp: z.string().catch(''),
  started: z.string().optional().catch(undefined),
  numInputRows: z.number(),
  processedRowsPerSecond: count,
  durationMs: z.object({ triggerExecution: z.number(), decode: count, addBatch: count }),
  eventTime: z
    .object({
      watermark: time,
      max: time,
      heldBackBy: z.object({ partition: z.string().max(300), eventTime: time }).optional(),
    })
    .optional()
    .catch(undefined),
  stateOperators: z
    .array(
      z.object({
        numRowsTotal: count,
        memoryUsedBytes: count,
        numLateRows: count,
        customMetrics: z.object({ segments: count }).catch({ segments: 0 }),
      }),
    )
    .catch([]),
  sources: z.array(z.object({ startOffset: offsets, endOffset: offsets })).min(1),
  sink: z.object({ numOutputRows: count }).catch({ numOutputRows: 0 }),
  numDeadLetters: count,
  numDroppedMalformed: count,
  numRowsWithoutEventTime: count,
})

/** The first offset of a partition that a batch had. */
export interface FirstOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface QueryProgress {
  readonly name: string
  readonly batchId: number
  /** The same text each time that one progress is told. */
  readonly identity: string
  readonly from: readonly FirstOffset[]
  readonly inputRows: number
  readonly processedRowsPerSecond: number
  readonly triggerMs: number
  readonly decodeMs: number
  readonly addBatchMs: number
  readonly outputRows: number
  readonly lateRows: number
  readonly deadLetters: number
  readonly droppedMalformed: number
  readonly withoutEventTime: number
  readonly watermarkMs: number | null
  readonly latestMs: number | null
  readonly heldBackBy: { readonly partition: string; readonly eventTimeMs: number | null } | null
  readonly state: { readonly rows: number; readonly bytes: number; readonly segments: number } | null
}

/**
 * @param json what a function returned, or a line that it printed
 * @returns undefined for what is no progress
 * @example progressOf('{"name":"bars","batchId":7,"numInputRows":15,…}')?.watermarkMs // 1700000000000
 */
export function progressOf(json: string): QueryProgress | undefined {
  if (json.length > maxLength || !json.startsWith('{') || !json.includes('"triggerExecution"')) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  const parsed = progress.safeParse(value)
  if (!parsed.success) return undefined
  const { data } = parsed
  const { name, batchId, durationMs, eventTime, sources } = data
  const from = sources.flatMap(({ startOffset }) =>
    Object.entries(startOffset).flatMap(([topic, partitions]) =>
      Object.entries(partitions).map(([partition, offset]) => ({ topic, partition: Number(partition), offset })),
    ),
  )
  const places = from.map(({ topic, partition, offset }) => `${topic}-${partition}:${offset}`)
  return {
    ...{ name, batchId, from },
    identity: `${name} ${batchId} ${data.started ?? data.timestamp} ${places.join()}`,
    inputRows: data.numInputRows,
    processedRowsPerSecond: data.processedRowsPerSecond,
    triggerMs: durationMs.triggerExecution,
    decodeMs: durationMs.decode,
    addBatchMs: durationMs.addBatch,
    outputRows: data.sink.numOutputRows,
    lateRows: sum(data.stateOperators.map(({ numLateRows }) => numLateRows)),
    deadLetters: data.numDeadLetters,
    droppedMalformed: data.numDroppedMalformed,
    withoutEventTime: data.numRowsWithoutEventTime,
    // 1970 is Spark's word for none.
    watermarkMs: eventTime?.watermark || null,
    latestMs: eventTime?.max ?? null,
    heldBackBy: heldBackBy(eventTime?.heldBackBy),
    state: stateOf(data.stateOperators),
  }
}

function heldBackBy(given: { readonly partition: string; readonly eventTime?: number | null | undefined } | undefined) {
  return given === undefined ? null : { partition: given.partition, eventTimeMs: given.eventTime ?? null }
}

function stateOf(operators: z.output<typeof progress>['stateOperators']): QueryProgress['state'] {
  if (operators.length === 0) return null
  return {
    rows: sum(operators.map(({ numRowsTotal }) => numRowsTotal)),
    bytes: sum(operators.map(({ memoryUsedBytes }) => memoryUsedBytes)),
    segments: sum(operators.map(({ customMetrics }) => customMetrics.segments)),
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
