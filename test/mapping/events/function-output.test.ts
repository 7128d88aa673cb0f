import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { onPrinted, type PrintedLines, tellPrinted } from '../../../mapping/events/function-output.ts'

const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
})

/** The lines that are heard where these chunks are written to an output. */
function heard(chunks: readonly (string | Buffer)[]): readonly PrintedLines[] {
  const all: PrintedLines[] = []
  endings.push(onPrinted((printed) => all.push(printed)))
  const output = new PassThrough()
  tellPrinted('bars', output)
  // A stream that flows hands over in the same turn.
  output.resume()
  for (const chunk of chunks) output.emit('data', Buffer.from(chunk))
  return all
}

test('lines are whole, however the output was cut, inside a character too', () => {
  const bytes = Buffer.from('one\ntwö\nthree')
  const cut = bytes.indexOf('ö') + 1
  const printed = heard([bytes.subarray(0, cut), bytes.subarray(cut), ' and more\n'])
  expect(printed.flatMap(({ lines }) => lines)).toEqual(['one', 'twö', 'three and more'])
  expect(printed[0]?.functionKey).toBe('bars')
  expect(new Set(printed.map(({ output }) => output)).size).toBe(1)
})

test('a line without an end is let go of', () => {
  const printed = heard(['x'.repeat(1_000_001), 'y\nnext\n'])
  expect(printed.flatMap(({ lines }) => lines)).toEqual(['y', 'next'])
})

test('where nobody listens an output is not touched', () => {
  const output = new PassThrough()
  tellPrinted('bars', output)
  expect(output.listenerCount('data')).toBe(0)
})
