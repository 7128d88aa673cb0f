import { expect, test } from 'vitest'
import { refuseExtensions } from '../../../local/mapping/extensions.ts'

const extension = (Properties: object) => ({ extensions: { BarsEventSourceMappingKafkaTicks: { Properties } } })

test('a property that would change which records a function gets is refused by name', () => {
  expect(() => refuseExtensions(extension({ FunctionResponseTypes: ['ReportBatchItemFailures'] }))).toThrow(
    expect.objectContaining({
      code: 'SETTINGS_UNSUPPORTED',
      message: expect.stringContaining('BarsEventSourceMappingKafkaTicks.Properties.FunctionResponseTypes'),
    }),
  )
})

test('a mapping written as a plain resource is refused, of another service it is not', () => {
  const mapping = (Properties: object) => ({
    Resources: { M: { Type: 'AWS::Lambda::EventSourceMapping', Properties } },
  })
  expect(() => refuseExtensions(mapping({ Topics: ['t'] }))).toThrow(/resources\.Resources\.M/)
  expect(() => refuseExtensions(mapping({ BatchSize: 5 }))).not.toThrow()
})

test('what only costs or shows is let be, as is everything else in resources', () => {
  expect(() => refuseExtensions(extension({ ProvisionedPollerConfig: {}, LoggingConfig: {} }))).not.toThrow()
  expect(() => refuseExtensions({ extensions: { BarsLogGroup: { Properties: { RetentionInDays: 5 } } } })).not.toThrow()
  for (const nothing of [undefined, null, {}]) expect(() => refuseExtensions(nothing)).not.toThrow()
})
