// The bars over HTTP: `GET /bars/AAPL` answers from the state that the function `bars` keeps, and changes nothing of it. What was read
// stays in the container, so that the next question reads what is new.

import middy from '@middy/core'
import { queryState } from 'microbatch'
import { stateFromEnvironment } from 'microbatch/lambda'
import { handlerEnvironment, readSettings } from './config.ts'
import { barsOf } from './http/bars.ts'
import { invocationLog } from './log.ts'
import * as queries from './queries.ts'

const { topic, state } = stateFromEnvironment(handlerEnvironment())
const bars = queryState(queries.bars(topic, readSettings()), state)

export const barsApi = middy(barsOf(bars), { timeoutEarlyInMillis: 0 }).use(invocationLog('question failed'))
