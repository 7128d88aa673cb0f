import { expect, test } from 'vitest'
import { neededPort } from '../../../local/registry/needed.ts'

test.each([
  ['a mapping names one on this machine', ['http://localhost:8081'], [], 8081],
  ['a function does', [], ['http://127.0.0.1:9081/apis/ccompat/v7'], 9081],
  ['a function and a mapping do', ['http://localhost:8081'], ['http://localhost:9081'], 9081],
  ['the port is that of the protocol', ['http://localhost'], [], 80],
  ['it is elsewhere', ['https://registry.example.com'], ['http://registry:8081'], undefined],
  ['it is AWS Glue', ['arn:aws:glue:eu-west-1:123456789012:registry/demo'], [], undefined],
  ['none is named', [undefined], [undefined], undefined],
])('%s', (_, mappings, functions, port) => {
  expect(neededPort({ mappings, functions })).toBe(port)
})
