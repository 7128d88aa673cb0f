// LZ4 frames as Kafka has them since message format 2, blocks independent or linked. Format: lz4/lz4, doc/lz4_Frame_format.md
// and lz4_Block_format.md. The checksums inside are not checked: Kafka's own covers the whole record batch.

import { ExpansionError, FullError, Output } from './output.ts'

const magic = 0x18_4d_22_04
const isUncompressed = 0x80_00_00_00

/** By the block maximum size of the descriptor; 0 to 3 are reserved. */
const blockBytes = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
])

/** One byte of a match length makes 255 at most. */
const maxGrowth = 255

interface Block {
  readonly start: number
  readonly end: number
  readonly isCompressed: boolean
}

/**
 * @throws RangeError where it is not an LZ4 frame; ExpansionError where it comes to more than `allowedBytes`
 * @example decompressLz4(batch).toString()
 */
export function decompressLz4(input: Buffer, allowedBytes = Number.POSITIVE_INFINITY): Buffer {
  const { maxBlockBytes, blocks } = frameOf(input)
  let maxBytes = 0
  for (const { start, end, isCompressed } of blocks)
    maxBytes += isCompressed ? Math.min(maxBlockBytes, (end - start) * maxGrowth) : end - start
  const output = new Output(Math.min(maxBytes, allowedBytes))
  try {
    for (const block of blocks) {
      if (block.isCompressed) decompressBlock(input, block, output)
      else output.literal(input, block.start, block.end - block.start)
    }
  } catch (error) {
    throw error instanceof FullError && allowedBytes < maxBytes ? new ExpansionError(allowedBytes) : error
  }
  return output.written()
}

function frameOf(input: Buffer): { readonly maxBlockBytes: number; readonly blocks: readonly Block[] } {
  if (input.readUInt32LE(0) !== magic) throw new RangeError('an LZ4 frame begins with another number')
  const flags = input.readUInt8(4)
  const maxBlockBytes = blockBytes.get((input.readUInt8(5) >> 4) & 7)
  if (flags >> 6 !== 1 || (flags & 1) !== 0 || maxBlockBytes === undefined)
    throw new RangeError('an LZ4 frame of a version, dictionary or block size that Kafka does not write')
  const hasBlockChecksums = (flags & 0x10) !== 0
  const hasContentSize = (flags & 0x08) !== 0
  const blocks: Block[] = []
  let position = hasContentSize ? 15 : 7
  for (;;) {
    const header = input.readUInt32LE(position)
    if (header === 0) return { maxBlockBytes, blocks }
    const start = position + 4
    const end = start + (header % isUncompressed)
    if (end > input.length) throw new RangeError('an LZ4 block ends too early')
    blocks.push({ start, end, isCompressed: header < isUncompressed })
    position = end + (hasBlockChecksums ? 4 : 0)
  }
}

function decompressBlock(input: Buffer, { start, end }: Block, output: Output): void {
  let position = start
  /** 15 in the token goes on in the bytes that follow, as long as they are 255. */
  const lengthFrom = (nibble: number): number => {
    let length = nibble
    if (nibble < 15) return length
    let byte: number
    do {
      if (position >= end) throw new RangeError('an LZ4 block ends too early')
      byte = input.readUInt8(position)
      position += 1
      length += byte
    } while (byte === 255)
    return length
  }

  while (position < end) {
    const token = input.readUInt8(position)
    position += 1
    const literals = lengthFrom(token >> 4)
    if (position + literals > end) throw new RangeError('an LZ4 block ends too early')
    output.literal(input, position, literals)
    position += literals
    // The last sequence is literals only.
    if (position === end) return
    if (position + 2 > end) throw new RangeError('an LZ4 block ends too early')
    const distance = input.readUInt16LE(position)
    position += 2
    output.copy(distance, lengthFrom(token & 15) + 4)
  }
}
