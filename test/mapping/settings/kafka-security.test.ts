import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../../mapping/settings/environment.ts'

const security = (variables: Readonly<Record<string, string>>) => readEnvironment(variables).kafkaSecurity

let dir: string
const pem = '-----BEGIN CERTIFICATE-----\n'
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-pem-'))
  writeFileSync(join(dir, 'ca.pem'), pem)
  writeFileSync(join(dir, 'key.pem'), '-----BEGIN PRIVATE KEY-----\n')
  writeFileSync(join(dir, 'ca.der'), Buffer.from([0x30, 0x82]))
})
afterAll(() => rmSync(dir, { recursive: true }))

test('nothing set is plaintext without credentials; empty is unset', () => {
  expect(security({ KAFKA_SASL_MECHANISM: '', KAFKA_SSL_CA: '' })).toEqual({})
  expect(security({ KAFKA_SSL: 'false' })).toEqual({})
})

test('the mechanism is read in any case, with name and password', () => {
  const variables = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_USERNAME: 'alice', KAFKA_PASSWORD: 'p' }
  expect(security(variables)).toEqual({ sasl: { mechanism: 'scram-sha-512', username: 'alice', password: 'p' } })
})

test('KAFKA_SSL=true trusts what Node trusts; naming files implies TLS and reads them', () => {
  expect(security({ KAFKA_SSL: 'true' })).toEqual({ ssl: {} })
  expect(security({ KAFKA_SSL_CA: join(dir, 'ca.pem') })).toEqual({ ssl: { ca: pem } })
  const client = {
    KAFKA_SSL_CERT: join(dir, 'ca.pem'),
    KAFKA_SSL_KEY: join(dir, 'key.pem'),
    KAFKA_SSL_KEY_PASSWORD: 'k',
  }
  expect(security(client)).toEqual({ ssl: { cert: pem, key: '-----BEGIN PRIVATE KEY-----\n', passphrase: 'k' } })
})

describe('refused at start, naming the variable', () => {
  test.each([
    [
      'a mechanism without credentials',
      { KAFKA_SASL_MECHANISM: 'plain' },
      /KAFKA_USERNAME and KAFKA_PASSWORD go together/,
    ],
    ['credentials without a mechanism', { KAFKA_USERNAME: 'a', KAFKA_PASSWORD: 'b' }, /KAFKA_SASL_MECHANISM/],
    ['an unknown mechanism', { KAFKA_SASL_MECHANISM: 'gssapi' }, /KAFKA_SASL_MECHANISM/],
    ['KAFKA_SSL that is neither true nor false', { KAFKA_SSL: 'yes' }, /KAFKA_SSL/],
    ['files beside KAFKA_SSL=false', { KAFKA_SSL: 'false', KAFKA_SSL_CA: '/ca.pem' }, /KAFKA_SSL=false/],
    ['a certificate without its key', { KAFKA_SSL_CERT: '/cert.pem' }, /KAFKA_SSL_CERT and KAFKA_SSL_KEY go together/],
    ['a password for no key', { KAFKA_SSL_KEY_PASSWORD: 'p' }, /KAFKA_SSL_KEY_PASSWORD needs KAFKA_SSL_KEY/],
    ['a file that is not there', { KAFKA_SSL_CA: '/no/such/file' }, /KAFKA_SSL_CA: \/no\/such\/file cannot be read/],
  ])('%s', (_, variables, message) => {
    expect(() => security(variables)).toThrow(message)
  })

  test('a file that is not PEM', () => {
    expect(() => security({ KAFKA_SSL_CA: join(dir, 'ca.der') })).toThrow(/is not a PEM file/)
  })

  test('and no message repeats a password', () => {
    expect(() => security({ KAFKA_PASSWORD: 'hush-hush' })).toThrow(/^(?!.*hush-hush)/s)
  })
})
