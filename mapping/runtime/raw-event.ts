// The event of an invocation as the bytes that came. serverless-offline parses every event in its own thread, and clones it for the
// handler's: of a batch of 6 MB that are two more copies of each record. Here the bytes go over, and the handler's thread parses.

/** Smaller events are parsed where they arrive, so that what is no JSON is refused there, as by the Invoke API. */
const rawFromBytes = 65_536

export class RawEvent {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The bytes for another thread, which are gone here once transferred; a copy where others share the memory. */
  take(): Uint8Array<ArrayBuffer> {
    const { buffer, byteOffset, byteLength } = this.#bytes
    return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength
      ? new Uint8Array(buffer, byteOffset, byteLength)
      : new Uint8Array(this.#bytes)
  }

  /** For runners that write events as JSON: those of Python, Ruby, Java, Docker. */
  toJSON(): unknown {
    return parseEvent(this.#bytes)
  }
}

/** @throws SyntaxError for what is no JSON */
export function parseEvent(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
}

/** @param payload the body of an Invoke request @throws SyntaxError for a small one that is no JSON */
export function eventOf(payload: Buffer): unknown {
  if (payload.length === 0) return {}
  return payload.length < rawFromBytes ? parseEvent(payload) : new RawEvent(payload)
}
