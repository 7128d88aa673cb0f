import { count, long, type Sink, stream, string, struct, timestamp, window } from '../../lib/index.ts'

const Order = struct({ order: string(), at: timestamp() })
const Payment = struct({ order: string(), paidAt: timestamp(), amount: long() })

// docs/joins.md shows each of these.
export const orders = stream('orders').rows(Order).withWatermark('at', '10 seconds')
export const payments = stream('payments').rows(Payment).withWatermark('paidAt', '10 seconds')

export const paidQuery = (sinks: readonly Sink<object>[]) =>
  orders.join(payments, { on: ['order'], within: { after: '30 seconds' } }).writeStream({ sinks })

export const unpaidQuery = (sinks: readonly Sink<object>[]) =>
  orders.join(payments, { on: ['order'], within: { after: '30 seconds' }, type: 'left' }).writeStream({ sinks })

export const bothQuery = (sinks: readonly Sink<object>[]) =>
  orders
    .union(stream('shop').rows(Order).withWatermark('at', '10 seconds'))
    .groupBy(window('at', '10 seconds'))
    .agg({ orders: count() })
    .writeStream({ sinks })
