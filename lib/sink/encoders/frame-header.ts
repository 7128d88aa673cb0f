// The header that a registry's serializers put before a value: the inverse of registry/frame.ts. Pure.

import { MicrobatchError } from '../../error.ts'
import type { Framing } from '../../registry/schema-registry.ts'

/**
 * @throws MicrobatchError CONFIG_INVALID for an id that is none of the registry's form
 * @example frameHeader('confluent', '7') // <Buffer 00 00 00 00 07>
 */
export function frameHeader(framing: Framing, schemaId: string): Buffer {
  if (framing === 'glue') {
    const hex = schemaId.replaceAll('-', '')
    if (!/^[0-9a-f]{32}$/i.test(hex)) throw wrongId(schemaId, 'a UUID')
    return Buffer.concat([Buffer.from([3, 0]), Buffer.from(hex, 'hex')])
  }
  const id = Number(schemaId)
  if (!Number.isInteger(id) || id <= 0 || id > 0x7fffffff) throw wrongId(schemaId, 'a number from 1 up')
  const header = Buffer.alloc(5)
  header.writeInt32BE(id, 1)
  return header
}

const wrongId = (schemaId: string, wanted: string): MicrobatchError =>
  new MicrobatchError('CONFIG_INVALID', `schemaId is "${schemaId.slice(0, 80)}"; expected ${wanted}.`)
