// The forms of an item's body: JSON, or a line of JSON and bytes after it. What is anything else is refused, with the way out.

import '../../zod-words.ts'
import type * as z from 'zod/mini'
import { MicrobatchError } from '../../error.ts'
import type { Item } from '../store.ts'
import { layoutName } from './names.ts'

const lineBreak = 10

export const jsonBody = (json: unknown): Uint8Array => Buffer.from(JSON.stringify(json))

/** @param json on one line */
export const binaryBody = (json: string, parts: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Buffer.from(`${json}\n`), ...parts])

/** The body of an item, if it is of the layout that this code knows. @throws MicrobatchError STATE_INCOMPATIBLE */
export function parseJsonBody<T>(item: Item, schema: z.ZodMiniType<T>): T {
  return parse(item, textOf(item.body), schema)
}

/** @throws MicrobatchError STATE_INCOMPATIBLE */
export function parseBinaryBody<T>(
  item: Item,
  schema: z.ZodMiniType<T>,
): { readonly fields: T; readonly rest: Uint8Array } {
  const end = item.body.indexOf(lineBreak)
  const fields = parse(item, textOf(item.body.subarray(0, end === -1 ? 0 : end)), schema)
  return { fields, rest: item.body.subarray(end + 1) }
}

/** The text of a body, or of its first line. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

function parse<T>(item: Item, text: string, schema: z.ZodMiniType<T>): T {
  const result = schema.safeParse(jsonOf(text))
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw foreignLayout(item, problems.join('; '), result.error)
}

/** Undefined, which no schema takes, for text that is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The error for an item that another version of the library wrote, or something else altogether. */
export const foreignLayout = ({ pk, sk }: { readonly pk: string; readonly sk: string }, why: string, cause?: unknown) =>
  new MicrobatchError(
    'STATE_INCOMPATIBLE',
    `The state item ${pk} / ${sk} is not of layout ${layoutName} (${why}): another version wrote it. To keep its numbers, deploy that version ` +
      'and let it close its windows. To go on without them, start with empty state: locally by "microbatch start --fresh", on AWS under ' +
      'another query name or with resetState.',
    { cause },
  )
