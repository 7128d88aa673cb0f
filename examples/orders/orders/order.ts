// An order as the shop sends it, with its customer and its items; and the row that queries see, which is flat: the columns of a
// schema are plain values, so whoever knows both says what becomes of what is nested.

import { type Codec, decoded, double, type Infer, int, malformed, string, struct, timestamp } from 'microbatch'
import * as z from 'zod'

const OrderMessage = z.object({
  id: z.string(),
  status: z.enum(['paid', 'shipped', 'refused']),
  placedAt: z.iso.datetime(),
  customer: z.object({ id: z.string(), country: z.string().length(2) }),
  items: z.array(z.object({ sku: z.string(), quantity: z.int().positive(), price: z.number().nonnegative() })).min(1),
})

/** `placedAt` is epoch milliseconds, `amount` the sum of the items. */
export const Order = struct({
  id: string(),
  status: string(),
  country: string(),
  items: int(),
  amount: double(),
  placedAt: timestamp(),
})

export type Order = Infer<typeof Order>

/** An order that is not as the shop promised is a dead letter, which says where it differs. */
export const orderCodec: Codec<Order> = {
  schema: Order,
  malformed: 'deadLetter',
  decode({ value }) {
    if (value === null) return malformed('TOMBSTONE', 'the record has no value')
    let json: unknown
    try {
      json = JSON.parse(value.toString('utf8'))
    } catch (error) {
      return malformed('NOT_JSON', String(error))
    }
    const { data, error } = OrderMessage.safeParse(json)
    if (error !== undefined) {
      return malformed(
        'WRONG_SHAPE',
        error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      )
    }
    const { id, status, placedAt, customer, items } = data
    return decoded({
      id,
      status,
      country: customer.country,
      items: items.reduce((sum, { quantity }) => sum + quantity, 0),
      amount: items.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
      placedAt: Date.parse(placedAt),
    })
  },
}
