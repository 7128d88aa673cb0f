// The header of a framed value: which schema it was written with, and where its bytes begin. Two forms are known, Confluent's
// (a zero, four bytes of id) and AWS Glue's (a three, the compression, a UUID). Promises to read no byte past the value.

import { inflateSync } from 'node:zlib'
import type { Framing } from './schema-registry.ts'

export interface Frame {
  readonly schemaId: string
  /** The value, or what it was before it was compressed. */
  readonly bytes: Buffer
  /** Where what was written begins; of Protobuf the place of the message in its file comes first. */
  readonly start: number
}

export interface NoFrame {
  /** Why the value has no header, in words for a person. */
  readonly problem: string
}

export const isFrame = (read: Frame | NoFrame): read is Frame => 'schemaId' in read

/**
 * @example unframe('confluent', Buffer.from([0, 0, 0, 0, 7, 2])) // { schemaId: '7', bytes: <Buffer …>, start: 5 }
 */
export const unframe = (framing: Framing, value: Buffer): Frame | NoFrame =>
  framing === 'confluent' ? unframeConfluent(value) : unframeGlue(value)

/** Confluent's wire format: magic byte 0 and the id as an int of Java, big endian. Registries count from 1. */
function unframeConfluent(value: Buffer): Frame | NoFrame {
  if (value[0] !== 0) return { problem: `${firstByte(value)}, a header of Confluent's form begins with 0` }
  if (value.length < 5) return { problem: `${value.length} bytes, a header of Confluent's form has 5` }
  const id = value.readInt32BE(1)
  if (id <= 0) return { problem: `the header names schema ${id}, ids are from 1 up` }
  return { schemaId: idText(id), bytes: value, start: 5 }
}

/**
 * The id that a header names, without a look at what comes after it.
 * @returns undefined where there is no header
 */
export function schemaIdIn(framing: Framing, value: Buffer): string | undefined {
  if (framing === 'glue')
    return value[0] === headerVersion && value.length >= headerLength
      ? uuidText(value.subarray(2, headerLength))
      : undefined
  if (value[0] !== 0 || value.length < 5) return undefined
  const id = value.readInt32BE(1)
  return id > 0 ? idText(id) : undefined
}

/** The id of the value before, with its text: a topic is written with one schema for a long time. */
let last = { id: 0, text: '0' }

function idText(id: number): string {
  if (id !== last.id) last = { id, text: String(id) }
  return last.text
}

const headerVersion = 3
const headerLength = 18
const compression = { none: 0, zlib: 5 } as const

/** A payload is at most what a Kafka record usually may be; more is a bomb, not a message. */
const maxInflatedBytes = 64 * 1024 * 1024

/** Glue's form (aws-glue-schema-registry, AWSSchemaRegistryConstants): version 3, compression 0 or 5, 16 bytes of UUID. */
function unframeGlue(value: Buffer): Frame | NoFrame {
  if (value[0] !== headerVersion) return { problem: `${firstByte(value)}, a header of Glue's form begins with 3` }
  if (value.length < headerLength) return { problem: `${value.length} bytes, a header of Glue's form has 18` }
  const schemaId = uuidText(value.subarray(2, headerLength))
  if (value[1] === compression.none) return { schemaId, bytes: value, start: headerLength }
  if (value[1] !== compression.zlib) return { problem: `compression ${value[1]}, known are 0 (none) and 5 (zlib)` }
  try {
    const bytes = inflateSync(value.subarray(headerLength), { maxOutputLength: maxInflatedBytes })
    return { schemaId, bytes, start: 0 }
  } catch (error) {
    return { problem: `the value cannot be decompressed (${error instanceof Error ? error.message : error})` }
  }
}

/** @example uuidText(Buffer.alloc(16)) // '00000000-0000-0000-0000-000000000000' */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const firstByte = (value: Buffer): string =>
  value.length === 0 ? 'the value is empty' : `the value begins with ${value[0]}`
