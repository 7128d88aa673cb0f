import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { mimeBase64, strictBase64 } from '../../../lib/types/text/base64.ts'

property.prop([fc.uint8Array()])('bytes come back from their base64, padded or not', (bytes) => {
  const text = Buffer.from(bytes).toString('base64')
  expect(strictBase64(text)).toEqual(Buffer.from(bytes))
  expect(strictBase64(text.replace(/=+$/, ''))).toEqual(Buffer.from(bytes))
  expect(mimeBase64(text)).toEqual(Buffer.from(bytes))
  expect(mimeBase64(` ${text.replace(/.{4}(?=.)/g, '$&\r\n')} `)).toEqual(Buffer.from(bytes))
})

/** What the readers promise, as patterns: right for texts that are short. */
const strict = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/
const mime = /^(?:[\0- ]*[A-Za-z0-9+/]{4})*(?:[\0- ]*[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?[\0- ]*$/

property.prop([fc.string({ unit: fc.constantFrom('A', 'z', '0', '+', '/', '=', ' ', '\n', '\0', '?', 'é') })], {
  numRuns: 5000,
})('any other text is refused', (text) => {
  expect(strictBase64(text) !== undefined).toBe(strict.test(text))
  expect(mimeBase64(text) !== undefined).toBe(mime.test(text))
})

describe('text of 12 MB costs no stack', { timeout: 60_000 }, () => {
  test.each([12_000_000, 12_000_001, 12_000_002])('%i letters', (length) => {
    const text = 'A'.repeat(length)
    expect(strictBase64(text)?.length).toBe(length % 4 === 1 ? undefined : Math.floor((length * 3) / 4))
    expect(mimeBase64(text)?.length).toBe(length % 4 === 0 ? (length * 3) / 4 : undefined)
    expect(mimeBase64(`${text}${' '.repeat(length)}?`)).toBeUndefined()
  })
})
