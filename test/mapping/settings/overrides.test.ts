import { describe, expect, test } from 'vitest'
import { readSettings } from '../../../mapping/settings/settings.ts'
import { merged } from '../../../mapping/settings/stack/stack-resources.ts'

const nowMs = Date.UTC(2026, 0, 1)

/** A service of one event, with resources under the logical id that a deploy gives to its mapping. */
const withResources = (Resources: object, more: object = {}) =>
  readSettings(
    {
      service: 'demo',
      stage: 'dev',
      region: 'eu-west-1',
      functions: {
        bars: {
          events: [
            {
              kafka: {
                accessConfigurations: {},
                bootstrapServers: ['localhost:9092'],
                topic: 'ticks',
                batchSize: 50,
                provisionedPollerConfig: { minimumPollers: 1, maximumPollers: 1 },
              },
            },
          ],
        },
      },
      resources: { Resources, ...more },
    },
    nowMs,
  )
const mapping = 'AWS::Lambda::EventSourceMapping'
const id = 'BarsEventSourceMappingKafkaTicks'

describe('a resource under the logical id of an event', () => {
  test('is merged into its mapping, and makes none of its own', () => {
    const Properties = {
      BatchSize: 1,
      MaximumRetryAttempts: 2,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ProvisionedPollerConfig: { MaximumPollers: 3 },
    }
    const settings = withResources({ [id]: { Type: mapping, Properties } })
    expect(settings).toHaveLength(1)
    expect(settings[0]).toMatchObject({ batchSize: 1, maxRetries: 2, reportsItemFailures: true, topic: 'ticks' })
    expect(settings[0]?.pollers).toEqual({ min: 1, max: 3 })
  })

  test('is merged also where it has a topic, and without a type', () => {
    const Properties = {
      FunctionName: { 'Fn::GetAtt': ['BarsLambdaFunction', 'Arn'] },
      Topics: ['ticks'],
      BatchSize: 1,
    }
    for (const resource of [{ Type: mapping, Properties }, { Properties }])
      expect(withResources({ [id]: resource })).toMatchObject([{ topic: 'ticks', batchSize: 1 }])
  })

  test('goes below an extension, which replaces property by property', () => {
    const extensions = { [id]: { Properties: { BatchSize: 7, ProvisionedPollerConfig: { MinimumPollers: 2 } } } }
    const Properties = { BatchSize: 1, MaximumRetryAttempts: 2 }
    expect(withResources({ [id]: { Type: mapping, Properties } }, { extensions })).toMatchObject([
      { batchSize: 7, maxRetries: 2, pollers: { min: 2, max: 200 } },
    ])
  })

  test('that is refused is named with both places', () => {
    expect(() => withResources({ [id]: { Type: mapping, Properties: { BatchSize: 0 } } })).toThrow(
      `functions.bars.events[0].kafka with resources.Resources.${id}: `,
    )
  })

  test('of a mistyped name is refused with the names that there are', () => {
    expect(() =>
      withResources({ BarsEventSourceMappingKafkaTick: { Type: mapping, Properties: { BatchSize: 1 } } }),
    ).toThrow(
      `resources.Resources.BarsEventSourceMappingKafkaTick overrides no mapping that an event makes; there are ${id}.`,
    )
  })
})

test('a resource that is not finished hides no other', () => {
  const unfinished = { Queue: null, Topic: { Type: 'AWS::SNS::Topic', Properties: null } }
  expect(withResources({ ...unfinished, [id]: { Properties: { BatchSize: 1 } } })).toMatchObject([{ batchSize: 1 }])
})

test('lists are merged place by place, and what is left out stays', () => {
  expect(merged({ a: [{ x: 1, y: 2 }, 3, 4], b: 1 }, { a: [{ x: 5 }, 6], b: undefined, c: [1] })).toEqual({
    a: [{ x: 5, y: 2 }, 6, 4],
    b: 1,
    c: [1],
  })
})
