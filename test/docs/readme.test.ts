// The consumer that README.md shows is the one that runs: each of its parts stands in the file that it is said to be from.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync('README.md', 'utf8')
const block = /```ts\n(.*?)```/s.exec(page)?.[1] ?? ''
const files = block.split(/^\/\/ (?=handlers\/)/m).filter((text) => text.trim() !== '')

test.each(files.map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]))(
  'README.md shows %s as it is',
  (file, shown) => {
    const source = readFileSync(file, 'utf8')
    for (const part of shown.trim().split('\n\n')) expect(source).toContain(part)
  },
)

test('it shows the schema, the query and the handler', () => {
  expect(files.map((text) => text.split('\n')[0])).toEqual([
    'handlers/ticks/tick.ts',
    'handlers/queries.ts',
    'handlers/consumer.ts',
  ])
})
