// A row as one text: two are equal where the rows are, but for the order of columns and the last digits of doubles, which depend on
// how Spark adds them up.

/** Digits of a double that are compared. */
const digits = 12

export const keptText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number' && !Number.isInteger(part)) return Number(part.toPrecision(digits))
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
