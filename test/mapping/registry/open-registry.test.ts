import { expect, test } from 'vitest'
import { openRegistry } from '../../../mapping/registry/open-registry.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { settings } from './registry-records.ts'

const here = { url: undefined, glueEndpoint: undefined, allowed: noRemoteHosts, region: 'eu-west-1' }
const of = (uri: string | undefined, isGlue = false) => ({ ...settings('JSON', 'VALUE'), uri, isGlue })
const glueArn = 'arn:aws:glue:eu-west-1:123456789012:registry/demo'

test('the registry of the settings is asked where it is on this machine', () => {
  expect(openRegistry(of('http://localhost:8081/x'), 'functions.bars', here).description).toBe(
    'http://localhost:8081/x',
  )
})

test('one elsewhere is not dialled before its host is allowed', () => {
  const elsewhere = of('https://registry.example.com')
  expect(() => openRegistry(elsewhere, 'functions.bars', here)).toThrow(
    expect.objectContaining({ code: 'REMOTE_REFUSED' }),
  )
  const allowed = new Set(['registry.example.com'])
  expect(openRegistry(elsewhere, 'functions.bars', { ...here, allowed }).framing).toBe('confluent')
})

test('another one may stand in its place, for Glue and for what only CloudFormation knows, too', () => {
  for (const given of [of('https://registry.example.com'), of(glueArn, true), of(undefined)])
    expect(openRegistry(given, 'functions.bars', { ...here, url: 'http://u:p@127.0.0.1:8081' }).description).toBe(
      'http://127.0.0.1:8081',
    )
})

test("Glue's is asked at an API of this machine, and else refused in words", () => {
  expect(
    openRegistry(of(glueArn, true), 'functions.bars', { ...here, glueEndpoint: 'http://localhost:5000' }).framing,
  ).toBe('glue')
  for (const [given, words] of [
    [of(glueArn, true), /functions\.bars: .*on AWS.*KAFKA_MAPPING_SCHEMA_REGISTRY.*AWS_ENDPOINT_URL_GLUE/],
    [of(undefined), /functions\.bars: .*CloudFormation.*KAFKA_MAPPING_SCHEMA_REGISTRY/],
  ] as const)
    expect(() => openRegistry(given, 'functions.bars', here)).toThrow(words)
})
