// The bodies of all items are JSON of one layout, and are refused when they are anything else.
import * as z from 'zod'

import { eventTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import type { Item } from '../store.ts'
import { layoutVersion } from './layout.ts'

/** Offsets and times per topic-partition, as pairs: names from records never become property names. */
export const pairsSchema = z.array(z.tuple([z.string(), z.number()]))
export const eventTimeSchema = z.number().transform(eventTimeMs)

/** The body of an item, if it is of the layout this code knows. */
export function parseBody<T>(item: Item, schema: z.ZodType<T>): T {
  const result = schema.safeParse(jsonOf(item.body))
  if (result.success) return result.data
  throw new MicrobatchError(
    'STATE_INCOMPATIBLE',
    `The state item ${item.pk} / ${item.sk} is not of layout ${layoutVersion}: ${z.prettifyError(result.error)}. ` +
      'It was written by another version: deploy that one again, or start with empty state under another query name ' +
      '(locally: --fresh).',
    { cause: result.error },
  )
}

/** Undefined, which no schema takes, for text that is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
