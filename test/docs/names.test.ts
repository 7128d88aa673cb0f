// Nothing points nowhere: links of Markdown, their headings, and the names of files in Markdown and in comments.

import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { files, isNamed, markdown, projectDir, read } from './tree.ts'

const withoutCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```$/gm, '')

/** GitHub's: lower case, without punctuation, hyphens for spaces. */
const anchorsOf = (text: string): readonly string[] =>
  Array.from(withoutCode(text).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

function brokenLinks(file: string): readonly string[] {
  return Array.from(withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : normalize(join(dirname(file), path))
    if (!existsSync(join(projectDir, target))) return true
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor)
  })
}

test('each relative link of Markdown leads to a file, and to a heading of it', () => {
  expect(markdown.flatMap((file) => brokenLinks(file).map((link) => `${file}: ${link}`))).toEqual([])
})

const name = /(?<![\w./@*{$<>~-])((?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(?:ts|mjs|cjs|md|py|yml|java))(?![\w*])/g

/** Made when something runs. */
const made = /^(node_modules|\.local|dist)\//
/** Files of other projects, or of whoever follows a page. */
const ofOthers = new Set([
  'CIDR.java',
  'consumer.py',
  'doc/lz4_Frame_format.md',
  'docker-compose.override.yml',
  'invoke.py',
  'lz4_Block_format.md',
])

const unknownNames = (file: string, text: string): readonly string[] =>
  Array.from(text.matchAll(name), ([, found = '']) => found)
    .filter(
      (found) =>
        !made.test(found) &&
        !ofOthers.has(found) &&
        !isNamed(found) &&
        !existsSync(join(projectDir, dirname(file), found)),
    )
    .map((found) => `${file}: ${found}`)

test('each file that Markdown names is there', () => {
  expect(markdown.flatMap((file) => unknownNames(file, withoutCode(read(file))))).toEqual([])
})

test('each file that a comment names is there', () => {
  const sources = files.filter((file) => /\.(ts|mjs|cjs)$/.test(file))
  const comments = (text: string) =>
    Array.from(text.matchAll(/^\s*(?:\/\/|\/\*\*?|\*)(.*)$/gm), ([, comment = '']) => comment).join('\n')
  expect(sources.flatMap((file) => unknownNames(file, comments(read(file))))).toEqual([])
})

test('a comment is a sentence, or names the thing: none begins with a word that wants another before it', () => {
  const sources = files.filter((file) => /\.(ts|mjs|cjs)$/.test(file))
  const broken = (file: string) =>
    Array.from(
      read(file).matchAll(/^\s*(?:\/\/|\/\*\*) (?:Of|As|What is) .*$/gm),
      ([line]) => `${file}: ${line.trim()}`,
    )
  expect(sources.flatMap(broken)).toEqual([])
})
