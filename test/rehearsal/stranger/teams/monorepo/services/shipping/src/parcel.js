import { existsSync } from 'node:fs'
import { amount } from '@shop/money'

/** A handler of the older kind, with a callback. */
export const handler = (event, _context, callback) => {
  if (existsSync('fail')) return callback('no parcels today')
  for (const record of Object.values(event.records).flat()) {
    const { customer, cents } = JSON.parse(Buffer.from(record.value, 'base64').toString())
    console.log(`a parcel for ${customer}, worth ${amount(cents)}`)
  }
  return callback(null, { shipped: true })
}
