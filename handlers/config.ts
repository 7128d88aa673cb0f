// What can be set of the queries and of the producer: one schema, read from the environment here and nowhere else. Where the
// handlers run is read by `microbatch/lambda`.

import type { OutputMode } from 'microbatch'
import { type Environment, readVariables } from 'microbatch/lambda'
import * as z from 'zod/mini'

const text = z.string().check(z.trim(), z.minLength(1))

const outputModes = ['append', 'update', 'complete'] as const satisfies readonly OutputMode[]

const Settings = z.object({
  /** How many symbols tick each second, AAPL first; 1 is the guide's one tick a second. */
  SYMBOLS: z._default(z.pipe(z.coerce.number(), z.int().check(z.minimum(1), z.maximum(5))), 5),
  /** Another seed is another market. */
  SEED: z._default(z.pipe(z.coerce.number(), z.int()), 42),
  /** The bars: their length and how long late ticks are waited for, as Spark intervals. */
  WINDOW: z._default(text, '3 seconds'),
  WATERMARK_DELAY: z._default(text, '10 seconds'),
  /** After how long a partition without ticks no longer holds the bars back, as a Spark interval; unset: never. */
  IDLE_TIMEOUT: z.optional(text),
  OUTPUT_MODE: z._default(z.enum(outputModes), 'update'),
  /** The archive: the length of its bars, and the bucket of its files. */
  ARCHIVE_WINDOW: z._default(text, '1 minute'),
  ARCHIVE_BUCKET: z._default(text, 'stock-bars'),
  /** The moves: how far a price must go within ten seconds. The producer's market seldom goes further than a fifth of a percent. */
  MOVE_PERCENT: z._default(z.pipe(z.coerce.number(), z.number().check(z.positive())), 0.1),
})

export type Settings = z.infer<typeof Settings>

/**
 * The environment with what the handlers take where serverless.yml has not set it, as in a command that reads their queries.
 * An empty variable is one that serverless.yml had no value for.
 */
export function handlerEnvironment(environment: Environment = process.env): Environment {
  const given = Object.entries(environment).filter(([, value]) => value !== '')
  return { TOPIC: 'stock-ticks', PARTITIONS: '3', ...Object.fromEntries(given) }
}

/**
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong and what it takes
 * @example readSettings({ WINDOW: '1 minute' }).WATERMARK_DELAY // '10 seconds'
 */
export function readSettings(environment: Environment = handlerEnvironment()): Settings {
  return readVariables(Settings, environment, 'See handlers/config.ts.')
}
