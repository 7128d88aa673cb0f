// The two sides of a diff: what a recording says was emitted, or what a version of the code emits for it now, in this process, over
// fresh state, with no sink written.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { readRecording } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import type { Service } from '../cli/service/service.ts'
import { createPacer } from '../replay/pace.ts'
import type { ProgressLine } from '../replay/progress-line.ts'
import type { ReplaySource } from '../replay/replayed-batch.ts'
import { replay } from '../replay/run.ts'
import { inProcess } from '../replay/target.ts'
import { type OutputTable, outputTables } from './output-tables.ts'

export interface Side {
  readonly name: string
  /** By function. */
  readonly tables: ReadonlyMap<string, OutputTable>
}

/**
 * @param functions only these, where any is named
 * @throws LocalError RECORDING_INVALID for a recording without rows
 * @example (await recordedSide('a.ndjson', new Set(), console.error)).tables.get('bars')
 */
export async function recordedSide(
  file: string,
  functions: ReadonlySet<string>,
  onWarning: (warning: string) => void,
): Promise<Side> {
  const outputs = outputTables()
  const onHeader = ({ queries = [] }: { readonly queries?: Parameters<typeof outputs.know>[0] | undefined }) =>
    outputs.know(queries)
  for await (const line of readRecording(file, { onWarning, onHeader })) {
    if (line.outcome === 'failure' || (functions.size > 0 && !functions.has(line.function))) continue
    outputs.add(line.function, line.rows, line.returned)
  }
  const [without] = outputs.unknown()
  if (without !== undefined) {
    const problem = `${file} does not say which rows ${without} emitted`
    const remedy = `replay it with --out (microbatch replay ${file} --out FILE), or name versions of the code: --code`
    throw new LocalError('RECORDING_INVALID', `${problem}. To do: ${remedy}.`)
  }
  return { name: file, tables: outputs.tables() }
}

export interface CodeSideOptions {
  readonly name: string
  readonly service: Service
  readonly definition: PrintedService
  readonly source: Pick<ReplaySource, 'batches' | 'fraction'>
  readonly signal: AbortSignal
  readonly progress: ProgressLine
}

/**
 * @returns undefined where it was ended before its end
 * @throws LocalError INVOKE_FAILED naming the version, the function and the batch; QUERY_FAILED where rows are not seen
 * @example await codeSide({ name: 'HEAD~1', service, definition, source, signal, progress })
 */
export async function codeSide(options: CodeSideOptions): Promise<Side | undefined> {
  const { name, service, definition, source, signal, progress } = options
  const outputs = outputTables()
  const deadLetterFile = 'dead-letters.diff.ndjson'
  const target = inProcess(service, definition, { state: 'fresh', deadLetterFile, writesSinks: false })
  const pacer = createPacer({ pace: { kind: 'max' }, signal, input: process.stdin, say: () => undefined })
  const { stopped } = await replay({
    ...{ batches: source.batches(), fraction: source.fraction, target, pacer, numDone: 0, progress },
    onOutcome: (batch, outcome) => {
      if (outcome.kind === 'failure') return
      outputs.know(target.queries())
      outputs.add(batch.functionKey, outcome.rows, outcome.returned)
    },
  })
  if (stopped?.kind === 'failed') {
    const { batch, message, thrown } = stopped
    const problem = `${name}: ${batch.functionKey} failed at ${batch.where}: ${message}`
    throw new LocalError('INVOKE_FAILED', problem, { cause: thrown })
  }
  const [without] = outputs.unknown()
  if (without !== undefined) {
    const problem = `${name}: the module of ${without} exports no ${without}Query, so that its rows are not seen`
    throw new LocalError('QUERY_FAILED', `${problem}. To do: export the query beside the handler, under that name.`)
  }
  return stopped === undefined ? { name, tables: outputs.tables() } : undefined
}
