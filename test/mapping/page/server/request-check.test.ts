import { describe, expect, test } from 'vitest'
import { cookieName, refusalOf } from '../../../../mapping/page/server/request-check.ts'

const token = 'a-token-of-24-characters'
const cookie = `theme=dark; ${cookieName(3003)}=${token}`
const status = (
  headers: Record<string, string>,
  more: { path?: string; method?: string; givenToken?: string | null } = {},
) =>
  refusalOf(
    { method: 'GET', path: '/feed', givenToken: null, headers: { host: '127.0.0.1:3003', ...headers }, ...more },
    token,
    3003,
  )?.status

describe('a request is answered', () => {
  test('with the token in its cookie, in its header, or in the address that opens the page', () => {
    expect(status({ cookie })).toBeUndefined()
    expect(status({ 'x-page-token': token })).toBeUndefined()
    expect(status({}, { path: '/', givenToken: token })).toBeUndefined()
    expect(status({ cookie, host: 'localhost:3003', origin: 'http://localhost:3003' })).toBeUndefined()
  })

  test('not without it, nor with another, nor with one in another address', () => {
    expect(status({})).toBe(401)
    expect(status({ cookie: `${cookieName(3004)}=${token}` })).toBe(401)
    expect(status({ 'x-page-token': 'another' })).toBe(401)
    expect(status({}, { path: '/feed', givenToken: token })).toBe(401)
    expect(status({}, { path: '/', method: 'POST', givenToken: token })).toBe(401)
  })

  test.each([
    ['a name that points here', { host: 'evil.example:3003' }],
    ['a name that begins as an own one', { host: '127.0.0.1.evil.example' }],
    ['no name', { host: '' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:3000' }],
    ['a page without an origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port, as browsers say it', { 'sec-fetch-site': 'same-site' }],
  ])('not for %s, even with the token', (_, headers) => {
    expect(status({ cookie, ...headers })).toBe(403)
  })

  test('a link from elsewhere opens the page where it has the token', () => {
    expect(status({ 'sec-fetch-site': 'cross-site' }, { path: '/', givenToken: token })).toBeUndefined()
    expect(status({ 'sec-fetch-site': 'cross-site' }, { path: '/' })).toBe(403)
  })
})
