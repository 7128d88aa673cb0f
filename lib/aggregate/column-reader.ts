// The value of a column in a row, for the hot path. The function is made as source text, once for each name: a column that is read by
// its name in the text is found at a known place, and one that is read by a variable is looked up in a table for each row.

type ReadValue = (row: object) => unknown

const readers = new Map<string, ReadValue>()

/**
 * @returns a function that gives null where a row has no such value
 * @example columnReader('price')({ price: 150.5 }) // 150.5
 */
export function columnReader(column: string): ReadValue {
  let read = readers.get(column)
  if (read === undefined) {
    // The text is made of a quoted name alone.
    read = new Function('row', `return row[${JSON.stringify(column)}] ?? null`) as ReadValue
    readers.set(column, read)
  }
  return read
}
