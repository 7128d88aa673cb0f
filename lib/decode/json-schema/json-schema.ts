// JSON values with the header of a registry's serializer -> typed rows. The header is taken away and the rest decoded as json() does;
// with a registry each value is held to the JSON Schema that it was written with, too, by ajv, an optional peer.

import type { KafkaRow } from '../../event/kafka-row.ts'
import { loadValidators, type Validators } from '../../registry/json-validators.ts'
import type { Framing } from '../../registry/schema-registry.ts'
import { type Codec, malformed, typed } from '../codec.ts'
import { framedCodec, frameOf, type MalformedOptions, type RegistryOptions } from '../framed/framed-codec.ts'
import { json } from '../json.ts'
import type { Schema } from '../schema.ts'

/** Each value is held to its schema in the registry. */
export interface RegisteredJsonOptions extends RegistryOptions, MalformedOptions {}

/** The header is taken away, and nobody is asked for the schema. */
export interface FramedJsonOptions extends MalformedOptions {
  readonly framing: Framing
}

/**
 * The codec of a topic of JSON objects that a registry's serializer wrote. A value that its own JSON Schema refuses is bad,
 * WRONG_SHAPE, whatever the columns would make of it.
 *
 * @example stream('trades').readKafka({ topic: 'trades' }).decode(jsonSchema(Trade, { registry: confluentRegistry({ url }) }))
 * @example jsonSchema(Trade, { framing: 'confluent' }) // no registry is asked
 */
export function jsonSchema<Row>(schema: Schema<Row>, options: RegisteredJsonOptions | FramedJsonOptions): Codec<Row> {
  const inner = json(schema)
  const read = (bytes: Buffer, start: number) => inner.decode({ ...nowhere, value: bytes.subarray(start) })
  if ('framing' in options) {
    const { framing, malformed: policy = 'deadLetter' } = options
    return typed({
      schema,
      malformed: policy,
      decode(record) {
        const frame = frameOf(record, framing)
        return 'kind' in frame ? frame : read(frame.bytes, frame.start)
      },
    })
  }
  let validators: Validators | undefined
  return framedCodec({
    schema,
    options,
    before: async () => {
      validators ??= await loadValidators()
    },
    compile(written) {
      if (validators === undefined) throw new Error('no validator was loaded')
      const problemOf = validators.compile(written)
      return (bytes, start) => {
        const decoded = read(bytes, start)
        if (decoded.kind === 'malformed' && decoded.reason !== 'WRONG_SHAPE') return decoded
        const problem = problemOf(JSON.parse(bytes.toString('utf8', start)))
        return problem === undefined ? decoded : malformed('WRONG_SHAPE', `its schema refuses it: ${problem}`)
      }
    },
  })
}

/** The JSON codec looks at the value alone. */
const nowhere: KafkaRow = {
  topic: '',
  partition: 0,
  offset: 0,
  timestamp: 0,
  timestampType: -1,
  key: null,
  value: null,
  headers: [],
}
