// Java's text of a double, which Spark writes wherever a number becomes text: inside a JSON value read as a string.

/**
 * `Double.toString` as specified since JDK 19 (JDK-4511638): the shortest digits that read back as the same double, at
 * least two of them, plain from 1e-3 up to 1e7, scientific outside.
 *
 * @example javaDouble(1e7) // '1.0E7'
 */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-3 && magnitude < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  let [digits = '', exponent = ''] = value.toExponential().split('e')
  // One digit alone may be a worse choice than the nearest of two: 4.9E-324, not 5.0E-324.
  if (!digits.includes('.')) [digits = '', exponent = ''] = value.toExponential(1).split('e')
  return `${digits}E${exponent.replace('+', '')}`
}
