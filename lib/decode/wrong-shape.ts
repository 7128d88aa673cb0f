// What a decoder's callback refuses a value with: it is thrown through the decoder, which knows nothing of columns, and made a bad
// record where the decoder was called.

/** A value that its column does not take. It has no stack, since there may be one for each record. */
export class WrongShape extends Error {
  override readonly name = 'WrongShape'

  /** @example new WrongShape('column side: expected BUY or SELL, got HOLD') */
  constructor(message: string) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
  }
}
