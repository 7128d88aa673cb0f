// What was earned, by status and minute of the order. Each batch prints the minutes that it changed.

import { consoleSink, count, stream, sum, window } from 'microbatch'
import { orderCodec } from './order.ts'

export const revenueByMinute = (topic: string) =>
  stream('revenue')
    .readKafka({ topic })
    .decode(orderCodec)
    .withWatermark('placedAt', '30 seconds')
    .groupBy(window('placedAt', '1 minute'), 'status')
    .agg({ orders: count(), items: sum('items'), revenue: sum('amount') })
    .writeStream({ outputMode: 'update', sinks: [consoleSink({ truncate: false })] })
