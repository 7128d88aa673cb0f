// The answer by which the function of `decode` sets a record aside: as a dead letter, with a reason of the query's own.

import { Refusal } from './refusal.ts'

/** What `deadLetter(…)` gives. */
export interface SetAside {
  readonly kind: 'refused'
  readonly reason: string
  readonly detail: string
}

/**
 * Sets a record aside from within the function of `decode`: it becomes a dead letter, and the others of its batch go on.
 *
 * @param reason one word, for dead letters and logs
 * @param detail for people: what was expected and what was there
 * @example
 * kafka.decode(json(Trade), (trade) => (trade.price > 0 ? trade : deadLetter('NO_PRICE', `the price is ${trade.price}`)))
 */
export const deadLetter = (reason: string, detail = 'set aside by the function of decode'): SetAside =>
  new Refusal(reason, detail)
