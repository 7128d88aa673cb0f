// The beginning of a value as JSON writes it, for messages about values that came from outside. JSON.stringify would write all of
// it first, and one value of a record, a few thousand arrays deep, is more than the stack of a function holds.

/**
 * At most `maxLength` UTF-16 units of the value's JSON; it goes no deeper into the value than that, and no further.
 *
 * @param value what JSON.parse gives, a value of a row, or nothing at all
 * @example preview([[[1]]], 4) // '[[[1'
 */
export function preview(value: unknown, maxLength = 80): string {
  const written = new Writer(maxLength)
  write(value, written)
  return written.text.slice(0, maxLength)
}

class Writer {
  readonly #maxLength: number
  text = ''

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  get isFull(): boolean {
    return this.text.length >= this.#maxLength
  }

  /** The JSON of a text is never shorter than the text, so what comes after is cut before it is escaped. */
  quote(text: string): void {
    const quoted = JSON.stringify(text.slice(0, this.#maxLength))
    this.text += text.length > this.#maxLength ? quoted.slice(0, -1) : quoted
  }
}

/** Each level writes a bracket before it goes into the next, so a full writer is the end of every depth. */
function write(value: unknown, written: Writer): void {
  if (written.isFull) return
  if (typeof value === 'string') written.quote(value)
  else if (Array.isArray(value)) {
    written.text += '['
    for (let i = 0; i < value.length && !written.isFull; i += 1) {
      if (i > 0) written.text += ','
      write(value[i], written)
    }
    written.text += ']'
  } else if (value instanceof Map) {
    write(Object.fromEntries(value), written)
  } else if (hasJson(value)) {
    write(value.toJSON(), written)
  } else if (typeof value === 'object' && value !== null) {
    written.text += '{'
    let isFirst = true
    // Not Object.entries: an object may have more fields than anybody wants listed.
    for (const name in value) {
      if (written.isFull) break
      if (!isFirst) written.text += ','
      isFirst = false
      written.quote(name)
      written.text += ':'
      write(Reflect.get(value, name), written)
    }
    written.text += '}'
  } else written.text += value === undefined ? 'nothing' : String(value)
}

/** A value of a class that says what it is in JSON, a Date or a Decimal; what JSON.parse gave has no class. */
function hasJson(value: unknown): value is { toJSON(): unknown } {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'toJSON')) return false
  return typeof Reflect.get(value, 'toJSON') === 'function'
}
