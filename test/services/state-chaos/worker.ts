// One Lambda container of the proof: a kafkaHandler over DynamoDB state, and a sink that appends to a file of its own. It is told
// of batches by its parent, answers what came of them, and ends with its parent if nobody kills it before.
//
//   node worker.ts MODE SHARDS FILE      the DynamoDB comes by AWS_ENDPOINT_URL_DYNAMODB

import { appendFileSync } from 'node:fs'
import { argv, env } from 'node:process'
import {
  dynamoState,
  kafkaHandler,
  MicrobatchError,
  memoryDeadLetters,
  type OutputMode,
  type Sink,
} from '../../../lib/index.ts'
import { type Bar, chaosQuery, partitions } from './query.ts'

export interface Task {
  readonly id: number
  readonly event: unknown
}

export type Answer =
  | { readonly id: number; readonly kind: 'ok'; readonly late: number; readonly deadLetters: number }
  | { readonly id: number; readonly kind: 'failed'; readonly code: string; readonly message: string }

/** A line of the sink's file. */
export interface SinkLine {
  readonly id: string
  readonly version: number
  readonly row: Bar
}

if (import.meta.main) {
  const [mode = 'append', shards = '1', file = ''] = argv.slice(2)
  const table = env.STATE_TABLE ?? 'state'
  const sink: Sink<Bar> = {
    description: file,
    async write({ rows }) {
      const lines = rows.map(({ id, version = 0, row }): string =>
        JSON.stringify({ id, version, row } satisfies SinkLine),
      )
      // One write: what a kill leaves of it is whole lines and at most a part of one.
      if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`)
    },
  }
  const handler = kafkaHandler(chaosQuery(mode as OutputMode, sink), {
    state: dynamoState({ table }),
    deadLetters: memoryDeadLetters(),
    partitions,
    shards: Number(shards),
  })
  const work = async ({ id, event }: Task): Promise<Answer> => {
    try {
      const { stateOperators, numDeadLetters } = await handler(event)
      return { id, kind: 'ok', late: stateOperators[0]?.numLateRows ?? 0, deadLetters: numDeadLetters }
    } catch (error) {
      const code = error instanceof MicrobatchError ? error.code : 'OTHER'
      return { id, kind: 'failed', code, message: error instanceof Error ? error.message : String(error) }
    }
  }
  process.on('message', (task: Task) => {
    void work(task).then((answer) => process.send?.(answer))
  })
  process.on('disconnect', () => process.exit())
}
