// Each order of 500 or more, as it comes: a query without state.

import { consoleSink, stream } from 'microbatch'
import { orderCodec } from './order.ts'

export const largeOrders = (topic: string) =>
  stream('large-orders')
    .readKafka({ topic })
    .decode(orderCodec)
    .where(({ amount }) => amount >= 500)
    .select('id', 'country', 'amount', 'placedAt')
    .writeStream({ outputMode: 'append', sinks: [consoleSink({ truncate: false })] })
