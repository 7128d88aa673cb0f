// A decimal number: a whole number of the unit that its scale says, of any length. Exact: nothing is rounded but where
// `round` is called. In JSON it is text, since most readers of JSON would take a number for a double.

/**
 * @example
 * const price = Decimal.of('19.99')
 * price.times(Decimal.of(100)).toString() // '1999.00'
 */
export class Decimal {
  /** The value times ten to the power of `scale`. */
  readonly unscaled: bigint
  /** Digits after the point, 0 or more. */
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /**
   * The decimal of a number's text; of a double the shortest text that is read back as the same one.
   * @throws RangeError for what is no number, or has more than a thousand digits before or after its point
   * @example Decimal.of('1.50') // 1.50, with its scale of 2
   */
  static of(value: string | number | bigint): Decimal {
    const parsed = parseDecimal(String(value))
    if (parsed === undefined) throw new RangeError(`no decimal: ${String(value).slice(0, 80)}`)
    return parsed
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale)
    return new Decimal(unitsAt(this, scale) + unitsAt(other, scale), scale)
  }

  minus(other: Decimal): Decimal {
    return this.plus(new Decimal(-other.unscaled, other.scale))
  }

  /** Its scale is the sum of both. */
  times(other: Decimal): Decimal {
    return new Decimal(this.unscaled * other.unscaled, this.scale + other.scale)
  }

  /**
   * The quotient to so many digits after the point, rounded as `round` does.
   * @throws RangeError for a divisor of zero
   */
  dividedBy(other: Decimal, scale: number): Decimal {
    const sign = other.unscaled < 0n ? -1n : 1n
    const dividend = unitsAt(new Decimal(this.unscaled * sign, this.scale), this.scale + other.scale + scale)
    return new Decimal(divideHalfUp(dividend, other.unscaled * sign * 10n ** BigInt(this.scale)), scale)
  }

  /** To so many digits after the point, half of a unit away from zero (Java's HALF_UP, which Spark rounds by). */
  round(scale: number): Decimal {
    if (scale >= this.scale) return new Decimal(unitsAt(this, scale), scale)
    return new Decimal(divideHalfUp(this.unscaled, 10n ** BigInt(this.scale - scale)), scale)
  }

  /** Negative, zero or positive. Decimals are equal whatever their scales are: 1.5 and 1.50. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale)
    const difference = unitsAt(this, scale) - unitsAt(other, scale)
    return difference < 0n ? -1 : Number(difference > 0n)
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString())
  }

  /** All digits of the scale, never an exponent. @example new Decimal(150n, 2).toString() // '1.50' */
  toString(): string {
    const digits = String(this.unscaled < 0n ? -this.unscaled : this.unscaled).padStart(this.scale + 1, '0')
    const point = digits.length - this.scale
    const text = this.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
    return this.unscaled < 0n ? `-${text}` : text
  }

  toJSON(): string {
    return this.toString()
  }
}

/** The value in units of a scale that is not smaller than its own. */
const unitsAt = ({ unscaled, scale }: Decimal, wanted: number): bigint => unscaled * 10n ** BigInt(wanted - scale)

/** @param divisor positive */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend
  const quotient = (magnitude * 2n + divisor) / (divisor * 2n)
  return dividend < 0n ? -quotient : quotient
}

/** More digits than any type has; a text may say of a few characters that it has a billion of them. */
const maxDigits = 1000

/** A number as JSON, Java or Python write it: sign, digits with or without a point, exponent. Undefined for any other text. */
export function parseDecimal(text: string): Decimal | undefined {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/.exec(text)
  if (parts === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  if (whole === '' && fraction === '') return undefined
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  if (digits === '') return new Decimal(0n, Math.min(fraction.length, maxDigits))
  const scale = fraction.length - Number(exponent)
  if (digits.length > maxDigits || Math.abs(scale) > maxDigits) return undefined
  const unscaled = BigInt(`${sign === '-' ? '-' : ''}${digits}`)
  return scale < 0 ? new Decimal(unscaled * 10n ** BigInt(-scale), 0) : new Decimal(unscaled, scale)
}
