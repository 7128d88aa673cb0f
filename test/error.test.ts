import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { messageOf, namedMessageOf } from '../lib/error.ts'

test('whatever is thrown has a text', () => {
  expect(messageOf(new Error('disk full'))).toBe('disk full')
  expect(messageOf('disk full')).toBe('disk full')
  expect(messageOf(undefined)).toBe('undefined')
  expect(messageOf(Object.create(null))).toBe('a thrown object that has no text')
})

test('an error is told with its name where the name says what went wrong', () => {
  expect(namedMessageOf(new TypeError('no such field'))).toBe('TypeError: no such field')
  expect(namedMessageOf('lost')).toBe('Error: lost')
})

test('a minified bundle keeps the name of the error, by whichever way it is asked', async () => {
  const entryPoints = [new URL('../lib/error.ts', import.meta.url).pathname]
  const { outputFiles } = await build({ entryPoints, write: false, bundle: true, minify: true, format: 'esm' })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  const { MicrobatchError } = await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)
  const error = new MicrobatchError('CONFIG_INVALID', 'no')
  expect([error.name, error.constructor.name, String(error)]).toEqual([
    ...['MicrobatchError', 'MicrobatchError'],
    'MicrobatchError: no',
  ])
})
