import { Currency } from './currency.ts'

export { Currency }

export const amount = (cents: number, currency = Currency.Euro): string => `${(cents / 100).toFixed(2)} ${currency}`
