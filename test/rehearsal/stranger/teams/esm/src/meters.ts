import { existsSync } from 'node:fs'
import middy from '@middy/core'
import eventNormalizer from '@middy/event-normalizer'
import type { MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda'
import { total } from './total.ts'

const readings = ({ records }: SelfManagedKafkaEvent | MSKEvent): unknown[] =>
  Object.values(records).flatMap((list) => list.map(({ value }): unknown => value))

export const handler = middy()
  .use(eventNormalizer())
  .before(() => {
    if (existsSync('fail')) throw new Error('the meters are asleep')
  })
  .handler(async (event: SelfManagedKafkaEvent | MSKEvent) => {
    console.log(`total ${total(readings(event))} kWh`)
  })
