import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { eachLine } from '../../../../local/cli/pipeline/lines.ts'

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const cut of cuts.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut)
    from = cut
  }
  yield bytes.subarray(from)
}

test.prop([fc.string({ unit: 'binary' }), fc.array(fc.nat())])(
  'lines come out the same however the bytes were cut, split at \\n alone',
  async (text, cuts) => {
    const whole = Buffer.from(text).toString('utf8') // lone surrogates are replaced on the way to bytes
    const lines: string[] = []
    await eachLine(chunksOf(Buffer.from(text), cuts), (line) => {
      lines.push(line)
    })
    const expected = whole.split('\n')
    if (expected.at(-1) === '') expected.pop()
    expect(lines).toEqual(expected)
  },
)
