// Records as the world sends them: JSON that is nearly right, and what is no JSON at all.

import { randomText } from '../../decode/plain-json-differential.ts'
import type { Random } from '../../state/schedule/random.ts'

const bom = Buffer.from([0xef, 0xbb, 0xbf])

/** The bytes of a value; null for a tombstone. */
export function randomValue(random: Random): Buffer | null {
  if (random.chance(0.3)) return Buffer.from(rightText(random))
  if (random.chance(0.6)) return Buffer.from(randomText(random))
  const text = randomText(random)
  switch (random.between(0, 7)) {
    case 0:
      return null
    case 1:
      return Buffer.alloc(0)
    case 2:
      return Buffer.concat([bom, Buffer.from(text)])
    case 3:
      return damaged(Buffer.from(text), random)
    case 4:
      return Buffer.from(Array.from({ length: random.between(1, 40) }, () => random.between(0, 255)))
    case 5:
      return Buffer.from(`${'['.repeat(random.between(1, 3_000))}`)
    case 6:
      return Buffer.from(text.replace(/"AAPL"/, () => JSON.stringify('x'.repeat(random.pick([30, 16_385, 70_000])))))
    default:
      return Buffer.from(`[${text},${text}]`)
  }
}

/** What a producer means to send. */
const rightText = (random: Random): string =>
  JSON.stringify({
    text: random.pick(['AAPL', 'MSFT', '', 'é']),
    number: Math.round(random.next() * 1e6) / 100,
    whole: random.pick([null, random.between(0, 1e9)]),
    small: random.between(0, 1000),
    flag: random.chance(0.5),
    at: 1_767_623_400_000 + random.between(0, 3_600_000),
  })

function damaged(bytes: Buffer, random: Random): Buffer {
  for (let times = random.between(1, 3); times > 0 && bytes.length > 0; times -= 1) {
    bytes[random.between(0, bytes.length - 1)] = random.between(0, 255)
  }
  return bytes
}

/** Around the times of the records, or any. */
export const randomTimestamp = (random: Random): number => random.pick([-1, 0, 1_767_623_400_000, 1_767_623_460_000])
