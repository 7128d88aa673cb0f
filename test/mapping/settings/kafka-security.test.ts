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
  expect(security({ KAFKA_MAPPING_SASL_MECHANISM: '', KAFKA_MAPPING_SSL_CA: '' })).toEqual({})
  expect(security({ KAFKA_MAPPING_SSL: 'false' })).toEqual({})
})

test('the mechanism is read in any case, with name and password', () => {
  const variables = {
    KAFKA_MAPPING_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_MAPPING_USERNAME: 'alice',
    KAFKA_MAPPING_PASSWORD: 'p',
  }
  expect(security(variables)).toEqual({ sasl: { mechanism: 'scram-sha-512', username: 'alice', password: 'p' } })
})

test('KAFKA_MAPPING_SSL=true trusts what Node trusts; naming files implies TLS and reads them', () => {
  expect(security({ KAFKA_MAPPING_SSL: 'true' })).toEqual({ ssl: {} })
  expect(security({ KAFKA_MAPPING_SSL_CA: join(dir, 'ca.pem') })).toEqual({ ssl: { ca: pem } })
  const client = {
    KAFKA_MAPPING_SSL_CERT: join(dir, 'ca.pem'),
    KAFKA_MAPPING_SSL_KEY: join(dir, 'key.pem'),
    KAFKA_MAPPING_SSL_KEY_PASSWORD: 'k',
  }
  expect(security(client)).toEqual({ ssl: { cert: pem, key: '-----BEGIN PRIVATE KEY-----\n', passphrase: 'k' } })
})

describe('refused at start, naming the variable', () => {
  test.each([
    [
      'a mechanism without credentials',
      { KAFKA_MAPPING_SASL_MECHANISM: 'plain' },
      /KAFKA_MAPPING_USERNAME and KAFKA_MAPPING_PASSWORD go together/,
    ],
    [
      'credentials without a mechanism',
      { KAFKA_MAPPING_USERNAME: 'a', KAFKA_MAPPING_PASSWORD: 'b' },
      /KAFKA_MAPPING_SASL_MECHANISM/,
    ],
    ['an unknown mechanism', { KAFKA_MAPPING_SASL_MECHANISM: 'gssapi' }, /KAFKA_MAPPING_SASL_MECHANISM/],
    ['KAFKA_MAPPING_SSL that is neither true nor false', { KAFKA_MAPPING_SSL: 'yes' }, /KAFKA_MAPPING_SSL/],
    [
      'files beside KAFKA_MAPPING_SSL=false',
      { KAFKA_MAPPING_SSL: 'false', KAFKA_MAPPING_SSL_CA: '/ca.pem' },
      /KAFKA_MAPPING_SSL=false/,
    ],
    [
      'a certificate without its key',
      { KAFKA_MAPPING_SSL_CERT: '/cert.pem' },
      /KAFKA_MAPPING_SSL_CERT and KAFKA_MAPPING_SSL_KEY go together/,
    ],
    [
      'a password for no key',
      { KAFKA_MAPPING_SSL_KEY_PASSWORD: 'p' },
      /KAFKA_MAPPING_SSL_KEY_PASSWORD needs KAFKA_MAPPING_SSL_KEY/,
    ],
    [
      'a file that is not there',
      { KAFKA_MAPPING_SSL_CA: '/no/such/file' },
      /KAFKA_MAPPING_SSL_CA: \/no\/such\/file cannot be read/,
    ],
  ])('%s', (_, variables, message) => {
    expect(() => security(variables)).toThrow(message)
  })

  test('a file that is not PEM', () => {
    expect(() => security({ KAFKA_MAPPING_SSL_CA: join(dir, 'ca.der') })).toThrow(/is not a PEM file/)
  })

  test('and no message repeats a password', () => {
    expect(() => security({ KAFKA_MAPPING_PASSWORD: 'hush-hush' })).toThrow(/^(?!.*hush-hush)/s)
  })
})
