// The README's consumer is the code that runs; the lists of pages have every page; one range of Node's versions is told everywhere.

import { expect, test } from 'vitest'
import { namelessIn } from './snippets.ts'
import { markdown, read } from './tree.ts'

test('what the README shows of the consumer is an excerpt of its files', () => {
  const [block = ''] = namelessIn(read('README.md'))
  const excerpts = block.split(/^\/\/ (?=\S+\.ts$)/m).slice(1)
  expect(excerpts).toHaveLength(3)
  for (const excerpt of excerpts) {
    const [file = '', ...lines] = excerpt.trimEnd().split('\n')
    for (const part of lines.join('\n').split('\n\n')) expect(read(file)).toContain(part)
  }
})

const pages = markdown.filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md')

test('each page of docs is in its index and in llms.txt', () => {
  const missing = (list: string, link: (page: string) => string) =>
    pages.filter((page) => !read(list).includes(`](${link(page)})`)).map((page) => `${list}: ${page}`)
  expect(missing('docs/README.md', (page) => page.replace('docs/', ''))).toEqual([])
  expect(missing('llms.txt', (page) => page)).toEqual([])
})

test('each decision is in the index', () => {
  const decisions = markdown.filter((file) => file.startsWith('docs/decisions/'))
  expect(decisions.filter((file) => !read('docs/README.md').includes(file.replace('docs/', '')))).toEqual([])
})

test('the packages, the command and the pages say the same range of Node', () => {
  for (const folder of ['lib', 'mapping', 'local']) {
    expect(JSON.parse(read(`${folder}/package.json`)).engines).toEqual({ node: '>=22.15' })
  }
  expect(JSON.parse(read('package.json')).engines).toEqual({ node: '>=18' })
  const told = markdown.flatMap((file) =>
    Array.from(read(file).matchAll(/Node (\d+(?:\.\d+)?) or (?:newer|later)/g), ([, version]) => `${file} ${version}`),
  )
  expect(told.length).toBeGreaterThan(3)
  // This repository's own commands bring the Node that they need.
  expect(told.filter((one) => !one.endsWith(' 22.15') && one !== 'README.md 18')).toEqual([])
})
