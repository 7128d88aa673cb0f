// Addresses of brokers as they are written in serverless.yml and the environment.

import { z } from 'zod'
import { LocalError } from '../error.ts'
import { issuesText } from './issues-text.ts'
import * as limits from './limits.ts'

/** `localhost:9092, other:9092` or a list of them -> the list, checked. A comma too many is refused, as any other fault is. */
export const bootstrapServers = z
  .union([z.string().transform((list) => list.split(',').map((entry) => entry.trim())), z.array(z.string())])
  .pipe(
    z
      .array(
        z
          .string()
          .regex(/^[^\s:]+:\d+$|^\[[0-9a-f:]+\]:\d+$/i, {
            error: ({ input }) => `expected host:port, not ${JSON.stringify(input)}`,
            abort: true,
          })
          .regex(/^[^[]/, 'kafkajs cannot dial an IPv6 address; give its name, such as localhost:9092')
          .refine((server) => Number(server.slice(server.lastIndexOf(':') + 1)) <= 65_535, 'a port is 65535 at most'),
      )
      .min(1),
  )
  .pipe(z.array(z.string()).max(limits.maxBootstrapServers))

/** A list of literals, or none where CloudFormation would fill them in. */
export function serversOf(value: unknown, where: string): readonly string[] {
  if (value === undefined) return []
  const entries = [value].flat()
  if (entries.length > 0 && entries.some((entry) => typeof entry === 'object' && entry !== null)) return []
  const parsed = bootstrapServers.safeParse(value)
  if (parsed.success) return parsed.data
  throw new LocalError('SETTINGS_INVALID', `${where}: bootstrapServers: ${issuesText(parsed.error)}`)
}
