// Any codec with a check of its rows: by a schema of zod, valibot, arktype or another library that has the interface of Standard
// Schema (standardschema.dev). What it refuses is a bad record, like one that the codec refuses.

import { type Codec, type Decoded, type ManyCodec, malformed } from './codec.ts'

/** The part of Standard Schema, version 1, that is used. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
  }
}

export interface StandardResult {
  readonly issues?: readonly StandardIssue[] | undefined
}

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * The codec with a check after it, of each row where a record may be several. Rows stay as the codec made them: what the check would
 * change or add is not taken over.
 *
 * @param check synchronous, since it runs for each record: one that answers with a promise makes each record bad, CODEC_FAILED
 * @example json(Trade) // a row's price may be any number
 * @example checked(json(Trade), z.object({ price: z.number().positive() })) // others are bad: CHECK_FAILED
 */
export function checked<Row>(codec: Codec<Row>, check: StandardSchema): Codec<Row>
export function checked<Row>(codec: ManyCodec<Row>, check: StandardSchema): ManyCodec<Row>
export function checked<Row>(codec: Codec<Row> | ManyCodec<Row>, check: StandardSchema): Codec<Row> | ManyCodec<Row> {
  const judged = (decoded: Decoded<Row>): Decoded<Row> => {
    if (decoded.kind === 'malformed') return decoded
    const result = check['~standard'].validate(decoded.row)
    if (result instanceof Promise) {
      result.catch(() => undefined)
      throw new Error(`the check of ${check['~standard'].vendor} is asynchronous`)
    }
    const [issue] = result.issues ?? []
    return issue === undefined ? decoded : malformed('CHECK_FAILED', wordsOf(issue))
  }
  if ('decode' in codec) return { ...codec, decode: (record) => judged(codec.decode(record)) }
  return {
    ...codec,
    decodeMany(record) {
      const many = codec.decodeMany(record)
      return many.kind === 'malformed' ? many : { ...many, elements: many.elements.map(judged) }
    },
  }
}

function wordsOf({ path = [], message }: StandardIssue): string {
  const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return place === '' ? message : `column ${place}: ${message}`
}
