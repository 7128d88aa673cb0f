// Snappy as it stands in Kafka topics: in the chunks of snappy-java ("xerial", what Java producers write) or bare (what
// librdkafka writes). Format: google/snappy, format_description.txt. Checksums are Kafka's, on the whole record batch.

import { ExpansionError, Output } from './output.ts'

/** `SnappyCodec.MAGIC_HEADER` of snappy-java, then its version and the lowest compatible one. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

/**
 * @throws RangeError where it is not Snappy; ExpansionError where it comes to more than `maxBytes`
 * @example decompressSnappy(batch).toString()
 */
export function decompressSnappy(input: Buffer, maxBytes = Number.POSITIVE_INFINITY): Buffer {
  if (!input.subarray(0, xerialMagic.length).equals(xerialMagic)) return decompressBlock(input, maxBytes)
  const blocks: Buffer[] = []
  let expanded = 0
  let position = xerialHeaderBytes
  while (position < input.length) {
    const length = input.readInt32BE(position)
    position += 4
    if (length < 0 || position + length > input.length) throw new RangeError('a Snappy chunk ends too early')
    const block = decompressBlock(input.subarray(position, position + length), maxBytes - expanded)
    expanded += block.length
    blocks.push(block)
    position += length
  }
  return Buffer.concat(blocks)
}

/** Three bytes (a tag and an offset) make 64 at most: a longer promise is a lie, and is not allocated. */
const maxGrowth = 64

function decompressBlock(input: Buffer, maxBytes: number): Buffer {
  let position = 0
  let length = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = input.readUInt8(position)
    position += 1
    length += (byte & 0x7f) * scale
    if (byte < 0x80) break
    if (scale > 2 ** 28) throw new RangeError('a Snappy block begins with no length')
  }
  if (length > input.length * maxGrowth) throw new RangeError('compressed data holds more than it says')
  if (length > maxBytes) throw new ExpansionError(maxBytes)
  const output = new Output(length)
  while (position < input.length) {
    const tag = input.readUInt8(position)
    position += 1
    switch (tag & 3) {
      case 0: {
        // Lengths of 60 and more follow in one to four bytes.
        const extra = Math.max(0, (tag >> 2) - 59)
        const size = extra === 0 ? tag >> 2 : input.readUIntLE(position, extra)
        output.literal(input, position + extra, size + 1)
        position += extra + size + 1
        break
      }
      case 1:
        output.copy(((tag >> 5) << 8) | input.readUInt8(position), ((tag >> 2) & 7) + 4)
        position += 1
        break
      case 2:
        output.copy(input.readUInt16LE(position), (tag >> 2) + 1)
        position += 2
        break
      default:
        output.copy(input.readUInt32LE(position), (tag >> 2) + 1)
        position += 4
    }
  }
  if (output.length !== length) throw new RangeError('a Snappy block ends too early')
  return output.written()
}
