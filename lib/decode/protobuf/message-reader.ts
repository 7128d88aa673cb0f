// From the bytes of a Protobuf message to a row, compiled once for each message: @bufbuild/protobuf decodes, the columns pick.

import { type DescMessage, fromBinary } from '@bufbuild/protobuf'
import { type Decoded, decoded, malformed } from '../codec.ts'
import type { Schema } from '../schema.ts'
import { WrongShape } from '../wrong-shape.ts'
import { picker } from './message-picks.ts'

/** @param start where the message begins; it ends with the bytes */
export type ReadMessage<Row> = (bytes: Buffer, start: number) => Decoded<Row>

/**
 * @throws Error in words where no row can be made of the message: a field that is missing, or of a type that its column does not take
 */
export function messageReader<Row>({ columns }: Schema<unknown>, message: DescMessage): ReadMessage<Row> {
  const rowOf = picker(columns, message, 'column ')
  return (bytes, start) => {
    let fields: unknown
    try {
      // A view, as `subarray` makes one, in a third of its time.
      const view = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start)
      fields = fromBinary(message, view)
    } catch (error) {
      return malformed('NOT_PROTOBUF', error instanceof Error ? error.message : String(error))
    }
    try {
      return decoded(rowOf(fields) as Row)
    } catch (error) {
      if (!(error instanceof WrongShape)) throw error
      return malformed('WRONG_SHAPE', error.message)
    }
  }
}
