// Bytes: a Buffer in rows, base64 in JSON and in kept state.

import type { ColumnType } from './column-type.ts'
import { incompatible } from './kept-value.ts'
import { mimeBase64, strictBase64 } from './text/base64.ts'
import { isQuoted, unquote } from './text/lenient-json.ts'

const hexByte = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')

/** `[68 69]`, as Spark shows bytes. @param maxLength three characters for a byte: more bytes than this are never seen */
export const bytesText = (bytes: Uint8Array, maxLength: number): string =>
  `[${Array.from(bytes.subarray(0, maxLength), hexByte).join(' ')}]`

export const binaryType: ColumnType<Buffer> = {
  kind: 'binary',
  name: 'binary',
  sparkName: 'BINARY',
  isNumeric: false,
  json: {
    wanted: 'base64 text',
    isWhole: false,
    read: (value) => (typeof value === 'string' ? strictBase64(value) : undefined),
    readLenient: (source) => (isQuoted(source) ? mimeBase64(unquote(source)) : undefined),
  },
  plain: null,
  wanted: 'bytes (a Buffer or a Uint8Array)',
  hold(value) {
    if (Buffer.isBuffer(value)) return value
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined
  },
  print: bytesText,
  domain: {
    isPrimitive: false,
    compare: (left, right) => Buffer.compare(left, right),
    encode: (value) => value.toString('base64'),
    decode(encoded) {
      if (typeof encoded !== 'string') throw incompatible(encoded, 'bytes in base64')
      return Buffer.from(encoded, 'base64')
    },
    canonical: (value) => value,
  },
}
