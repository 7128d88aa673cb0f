// A stream of events with amounts, and their sums in windows of five seconds: what further operators are tested behind.

import { long, stream, string, struct, sum, timestamp, window } from '../../lib/index.ts'
import { keepingSink } from '../builders.ts'

const Event = struct({ id: string(), at: timestamp(), amount: long() })
export const events = stream('events').rows(Event).withWatermark('at', '10 seconds')
export const bars = events.groupBy(window('at', '5 seconds'), 'id').agg({ amount: sum('amount') })
export const write = { sinks: [keepingSink()], watermarkPolicy: 'max' } as const

/** @example event('a', 1) // { id: 'a', at: 1_000, amount: 1 } */
export const event = (id: string, second: number, amount = 1) => ({ id, at: second * 1_000, amount })
