// All settings of the handlers: one schema, read from the environment here and nowhere else. serverless.yml sets them.

import { z } from 'zod'
import { MicrobatchError } from '../lib/index.ts'

const text = z.string().trim().min(1)

const Settings = z.object({
  TOPIC: text.default('stock-ticks'),
  /** `host:port`, comma-separated. */
  KAFKA_BROKERS: text.default('localhost:9092').transform((list) => list.split(',').map((broker) => broker.trim())),
  /** How many symbols tick each second, AAPL first; 1 is the guide's one tick a second. */
  SYMBOLS: z.coerce.number().int().min(1).max(5).default(5),
  /** Another seed is another market. */
  SEED: z.coerce.number().int().default(42),
  DEAD_LETTER_FILE: text.default('.local/dead-letters.ndjson'),
})

export type Settings = z.infer<typeof Settings>

/**
 * The settings of this container.
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong and what it takes
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const result = Settings.safeParse(environment)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new MicrobatchError('CONFIG_INVALID', `Environment: ${problems.join('; ')}. See handlers/config.ts.`)
}
