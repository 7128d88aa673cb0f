// Where batches are replayed: the handlers in this process, over state of their own or over what the service keeps; or a Lambda
// Invoke API: `sls offline`, LocalStack, AWS. An outcome is a value, since who replays wants to see failures.
import { messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { lambdaApi } from 'serverless-offline-kafka-mapping/internal/invoke/lambda-api'
import type { RecordedQuery } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import { replayInvocation } from 'serverless-offline-kafka-mapping/internal/recording/replay-invocation'
import { parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { invokeOnce, isLocalEndpoint } from '../cli/invoke-once.ts'
import { byHand } from '../cli/service/by-hand.ts'
import { queryIn } from '../cli/service/query.ts'
import type { Service } from '../cli/service/service.ts'
import { type CapturedRows, captureRows, type JsonRow } from './captured-rows.ts'
import type { ReplayedBatch } from './replayed-batch.ts'

export type ReplayOutcome =
  | {
      readonly kind: 'success'
      readonly returned: unknown
      /** What the function's query emitted; undefined where that is not seen. */
      readonly rows: readonly JsonRow[] | undefined
    }
  | { readonly kind: 'failure'; readonly message: string; readonly thrown?: unknown }

export interface ReplayTarget {
  /** For messages: `in this process`. */
  readonly name: string
  invoke(batch: ReplayedBatch): Promise<ReplayOutcome>
  /**
   * Brings the function to where it was after a batch, as far as it is gone: state in memory ends with its process. Nothing that is
   * emitted is written.
   */
  restore(batch: ReplayedBatch): Promise<ReplayOutcome | undefined>
  /** The queries of the functions that were invoked so far. */
  queries(): readonly RecordedQuery[]
  close(): void
}

export interface InProcessOptions {
  readonly state: 'fresh' | 'kept'
  /** For bad records, in the folder of the local data. */
  readonly deadLetterFile: string
  /** Where tables are printed. @default stdout */
  readonly tables?: 'stdout' | 'stderr'
  /** Whether tables are printed and sinks are written. @default true */
  readonly writesSinks?: boolean
}

/** @example const outcome = await inProcess(service, definition, { state: 'fresh', deadLetterFile }).invoke(batch) */
export function inProcess(
  service: Service,
  definition: PrintedService,
  { state, deadLetterFile, tables = 'stdout', writesSinks = true }: InProcessOptions,
): ReplayTarget {
  const captured = new Map<string, CapturedRows>()
  let isQuiet = !writesSinks
  const call = byHand(service, definition, {
    state,
    file: deadLetterFile,
    tables: () => (isQuiet ? 'none' : tables),
    onLoad: (functionKey, { exports }) => {
      const query = queryIn(exports, functionKey)
      const rows = query && captureRows(functionKey, query)
      if (rows !== undefined) captured.set(functionKey, rows)
    },
  })
  const invoke = async ({ functionKey, event }: ReplayedBatch, quiet: boolean): Promise<ReplayOutcome> => {
    isQuiet = quiet
    for (const rows of captured.values()) rows.writesSinks = !quiet
    const { answer, error } = await call(functionKey, event)
    const rows = captured.get(functionKey)?.take()
    return error === undefined
      ? { kind: 'success', returned: answer, rows }
      : { kind: 'failure', message: messageOf(error.thrown), thrown: error.thrown }
  }
  return {
    name: 'in this process',
    invoke: (batch) => invoke(batch, !writesSinks),
    async restore(batch) {
      if (state === 'kept' || captured.get(batch.functionKey)?.hasState === false) return undefined
      return invoke(batch, true)
    },
    queries: () => [...captured.values()].map(({ query }) => query),
    close: () => undefined,
  }
}

export interface EndpointOptions {
  readonly endpoint: string
  /** Host names allowed beside this machine, comma-separated. */
  readonly allowRemote: string
  readonly region: string
  readonly functionName: (functionKey: string) => string
}

/** @throws LocalError REMOTE_REFUSED @example atEndpoint({ endpoint: 'http://localhost:3002', allowRemote: '', functionName }) */
export function atEndpoint(options: EndpointOptions): ReplayTarget {
  const { endpoint, functionName } = options
  const { invoke, close } = isLocalEndpoint(endpoint) ? onThisMachine(options) : elsewhere(options)
  return {
    name: `at ${endpoint}`,
    invoke: ({ functionKey, event }) => invoke(functionName(functionKey), event),
    restore: async () => undefined,
    queries: () => [],
    close,
  }
}

interface Endpoint {
  readonly invoke: (functionName: string, event: object) => Promise<ReplayOutcome>
  readonly close: () => void
}

function onThisMachine({ endpoint, region, allowRemote }: EndpointOptions): Endpoint {
  const log = { notice: () => undefined, warning: () => undefined }
  const invoker = lambdaApi({ endpoint, region, allowed: parseAllowedHosts(allowRemote), log })
  const never = new AbortController().signal
  return {
    async invoke(functionName, event) {
      const outcome = await replayInvocation(invoker, functionName, event, never)
      return outcome.kind === 'success'
        ? { kind: 'success', returned: jsonOr(outcome.payload), rows: undefined }
        : { kind: 'failure', message: `${outcome.kind}: ${outcome.message}` }
    },
    close: () => invoker.close(),
  }
}

/** AWS's own, with the user's credentials. */
function elsewhere({ endpoint, allowRemote }: EndpointOptions): Endpoint {
  return {
    async invoke(functionName, event) {
      const answer = await invokeOnce({ endpoint, allowRemote, functionName, payload: JSON.stringify(event) })
      return answer.functionError === undefined
        ? { kind: 'success', returned: jsonOr(answer.payload), rows: undefined }
        : { kind: 'failure', message: answer.payload }
    },
    close: () => undefined,
  }
}

function jsonOr(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}
