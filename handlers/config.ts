// All settings of the handlers: one schema, read from the environment here and nowhere else. serverless.yml sets them.

import * as z from 'zod'
import { MicrobatchError, type OutputMode } from '../lib/index.ts'

const text = z.string().trim().min(1)

const outputModes = ['append', 'update', 'complete'] as const satisfies readonly OutputMode[]

const Settings = z.object({
  TOPIC: text.default('stock-ticks'),
  /** How many partitions the topic has: the watermark waits for all of them. */
  PARTITIONS: z.coerce.number().int().min(1).default(3),
  /** `host:port`, comma-separated. */
  KAFKA_BROKERS: text.default('localhost:9092').transform((list) => list.split(',').map((broker) => broker.trim())),
  /** How many symbols tick each second, AAPL first; 1 is the guide's one tick a second. */
  SYMBOLS: z.coerce.number().int().min(1).max(5).default(5),
  /** Another seed is another market. */
  SEED: z.coerce.number().int().default(42),
  /** The bars: their length and how long late ticks are waited for, as Spark intervals. */
  WINDOW: text.default('3 seconds'),
  WATERMARK_DELAY: text.default('10 seconds'),
  OUTPUT_MODE: z.enum(outputModes).default('update'),
  /** The DynamoDB table that the bars are kept in between invocations. */
  STATE_TABLE: text.default('microbatch-state'),
  /** A DynamoDB API other than AWS's; on a laptop the one that `npm start` runs. */
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional(),
  DEAD_LETTER_FILE: text.default('.local/dead-letters.ndjson'),
  /** Set by serverless-offline and by `sls invoke local`. */
  IS_OFFLINE: text.optional(),
  IS_LOCAL: text.optional(),
})

export type Settings = z.infer<typeof Settings>

/**
 * The settings of this container.
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong and what it takes
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  // An empty variable is one that serverless.yml had no value for.
  const given = Object.entries(environment).filter(([, value]) => value !== '')
  const result = Settings.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new MicrobatchError('CONFIG_INVALID', `Environment: ${problems.join('; ')}. See handlers/config.ts.`)
}
