// How a row becomes the bytes of a message: JSON here, Avro and Protobuf in modules of their own, which need libraries beside them.

import type { OutputColumns } from '../output-columns.ts'
import { rowJson, type TimeForm } from './row-json.ts'

/** What the bytes are of: a registry has a schema for each. */
export interface EncodedPart {
  readonly topic: string
  readonly part: 'key' | 'value'
}

export interface RowEncoder {
  /** For messages: `avro`. */
  readonly name: string
  /**
   * Prepared for the columns of a batch; what a registry is asked is kept.
   * @throws MicrobatchError where it cannot write rows of these columns, or a registry gave no answer
   */
  encoder(columns: OutputColumns, of?: EncodedPart): Promise<(row: object) => Buffer>
}

/**
 * Rows as objects of JSON, as `json(schema)` reads them.
 * @example kafkaSink({ topic: 'bars', connection, value: jsonValue({ times: 'iso' }) })
 */
export const jsonValue = ({ times = 'millis' }: { readonly times?: TimeForm } = {}): RowEncoder => ({
  name: 'json',
  async encoder(columns) {
    const text = rowJson(columns, times)
    return (row) => Buffer.from(text(row))
  },
})
