// One line of a recording as a value: the header that begins a stretch, or one invocation of a function. Pure; reading the file
// is read.ts, writing it is whoever records. Version 1 had no header and held nothing but events that were handled.

import * as z from 'zod/mini'
import '../../zod-words.ts'

/** The version that is written. Versions 1 and 2 are read. */
export const recordingVersion = 2

/** The settings of a mapping that decide how its batches are cut. */
export interface RecordedMapping {
  /** The function's key in serverless.yml. */
  readonly function: string
  readonly topic: string
  readonly consumerGroupId: string
  readonly batchSize: number
  readonly windowMs: number
}

/** How the rows of a function's query are told apart. */
export interface RecordedQuery {
  readonly function: string
  readonly name: string
  readonly outputMode: string
  /** In the order of the table. */
  readonly columns: readonly string[]
  /** The columns that name a group; null where the query has no aggregation. */
  readonly groupedBy: readonly string[] | null
}

/** It stands before the invocations of each run that wrote to the file. */
export interface RecordedHeader {
  readonly recording: typeof recordingVersion
  /** ISO 8601. */
  readonly startedAt: string
  /** Whose invocations follow: a mapping's, those that a range of Kafka would give, a replay's, or an archive's. */
  readonly source: 'mapping' | 'kafka' | 'replay' | 'archive'
  /** What `git describe` says of the service's folder: the commit, `-dirty` behind it where files were changed; null without git. */
  readonly code: string | null
  readonly mappings: readonly RecordedMapping[]
  readonly queries?: readonly RecordedQuery[] | undefined
}

export interface RecordedInvocation {
  /** When it began, ISO 8601; in version 1, when it had ended. */
  readonly at: string
  /** The function's key in serverless.yml. */
  readonly function: string
  /** Why the batch closed. */
  readonly reason?: 'size' | 'window' | 'payload' | undefined
  /** It counts from 1. */
  readonly attempt?: number | undefined
  /** `partial`: some records failed, those from `failedFrom` on. `none`: the function was not invoked. */
  readonly outcome?: 'success' | 'partial' | 'failure' | 'none' | undefined
  /** Why it failed. */
  readonly message?: string | undefined
  /** By `topic-partition`, the first offset that failed. */
  readonly failedFrom?: Readonly<Record<string, number>> | undefined
  readonly durationMs?: number | undefined
  /** What the function returned: the progress of its query. */
  readonly returned?: unknown
  /** The rows that its query emitted, as JSON has them. */
  readonly rows?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** The event that was sent; checked only to be an object, since a recording may be older than its reader. */
  readonly event: Readonly<Record<string, unknown>>
}

const object = z.record(z.string(), z.unknown())

const Header = z.strictObject({
  recording: z.literal(recordingVersion),
  startedAt: z.iso.datetime(),
  source: z.enum(['mapping', 'kafka', 'replay', 'archive']),
  code: z.nullable(z.string()),
  mappings: z.array(
    z.strictObject({
      function: z.string(),
      topic: z.string(),
      consumerGroupId: z.string(),
      batchSize: z.number(),
      windowMs: z.number(),
    }),
  ),
  queries: z.optional(
    z.array(
      z.strictObject({
        function: z.string(),
        name: z.string(),
        outputMode: z.string(),
        columns: z.array(z.string()),
        groupedBy: z.nullable(z.array(z.string())),
      }),
    ),
  ),
})

const Invocation = z.strictObject({
  at: z.iso.datetime(),
  function: z.string(),
  reason: z.optional(z.enum(['size', 'window', 'payload'])),
  attempt: z.optional(z.number()),
  outcome: z.optional(z.enum(['success', 'partial', 'failure', 'none'])),
  message: z.optional(z.string()),
  failedFrom: z.optional(z.record(z.string(), z.number())),
  durationMs: z.optional(z.number()),
  returned: z.optional(z.unknown()),
  rows: z.optional(z.array(object)),
  event: object,
})

export type RecordedLine =
  | { readonly kind: 'header'; readonly header: RecordedHeader }
  | { readonly kind: 'invocation'; readonly invocation: RecordedInvocation }
  | { readonly kind: 'problem'; readonly problem: string; readonly isJson: boolean }

/** @example parseRecordedLine('{"at":"2026-01-05T14:30:03.000Z","function":"bars","event":{}}').kind // 'invocation' */
export function parseRecordedLine(text: string): RecordedLine {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { kind: 'problem', isJson: false, problem: `not JSON (${error instanceof Error ? error.message : error})` }
  }
  const refused = (problem: string): RecordedLine => ({ kind: 'problem', isJson: true, problem })
  if (typeof json === 'object' && json !== null && 'recording' in json) {
    const { recording } = json
    if (recording !== recordingVersion) {
      const version = JSON.stringify(recording)?.slice(0, 20)
      return refused(`a recording of version ${version}; this reads 1 and 2. A newer microbatch may read it`)
    }
    const parsed = z.safeParse(Header, json)
    return parsed.success ? { kind: 'header', header: parsed.data } : refused(`not a header: ${faults(parsed.error)}`)
  }
  const parsed = z.safeParse(Invocation, json)
  return parsed.success
    ? { kind: 'invocation', invocation: parsed.data }
    : refused(`not a delivered event: ${faults(parsed.error)}`)
}

const faults = ({ issues }: z.core.$ZodError): string =>
  issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ')
