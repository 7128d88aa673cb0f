// The functions of serverless.yml. The query of a function `revenue` is exported as `revenueQuery` beside it, for the commands that
// run it without Lambda. Queries are made elsewhere, without an environment, so that their tests need none.

import { kafkaHandler } from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'
import { largeOrders } from './orders/large-orders.ts'
import { revenueByMinute } from './orders/revenue.ts'

const { topic, state, deadLetters, partitions } = fromEnvironment(process.env)

export const revenueQuery = revenueByMinute(topic)
export const revenue = kafkaHandler(revenueQuery, { state, deadLetters, partitions })

export const largeQuery = largeOrders(topic)
export const large = kafkaHandler(largeQuery, { deadLetters })
