// Whether the text of a number is that of a whole one. A double cannot say: 100.000000000000001 is 100 when it is read.

/**
 * Decimal arithmetic on the digits themselves, whatever their number.
 *
 * @param source a number as JSON writes it, or any other value, which is none that could have been rounded
 * @example isWhole('1.50e1') // true: 15
 * @example isWhole('100.000000000000001') // false
 */
export function isWhole(source: string): boolean {
  const { digits, fractionLength, exponent } = partsOf(source)
  let last = digits.length
  while (last > 0 && digits.charCodeAt(last - 1) === zero) last -= 1
  // Digits after the point, once the point is where the exponent puts it and the zeros at the end are gone.
  return last === 0 || fractionLength - exponent <= digits.length - last
}

const zero = 0x30

/** The digits without their point, how many of them came after it, and the power of ten. */
function partsOf(source: string): {
  readonly digits: string
  readonly fractionLength: number
  readonly exponent: number
} {
  const end = source.search(/[eE]/)
  const mantissa = end === -1 ? source : source.slice(0, end)
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  return {
    digits: whole + fraction,
    fractionLength: fraction.length,
    exponent: end === -1 ? 0 : Number(source.slice(end + 1)),
  }
}
