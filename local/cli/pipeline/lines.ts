// A stream as lines. Only \n ends a line: readline would also break at \r and U+2028, and a table must come out as it was
// printed.
import { StringDecoder } from 'node:string_decoder'

type ByteStream = AsyncIterable<Uint8Array | string>

/**
 * The lines of a stream, without their \n, as they come: those that came together, together. The last one also when no \n
 * ends it.
 * @example for await (const lines of lineGroups(process.stdin)) await send(lines)
 */
export async function* lineGroups(stream: ByteStream): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
  }
  rest += decoder.end()
  if (rest !== '') yield [rest]
}

/**
 * Calls `onLine` for each line. Resolves at the end of the stream. The stream is not read on while `onLine` has not resolved,
 * so a slow reader slows the child and fills no memory.
 * @example await eachLine(child.stdout, (line) => process.stdout.write(`${line}\n`))
 */
export async function eachLine(stream: ByteStream, onLine: (line: string) => void | Promise<void>): Promise<void> {
  for await (const lines of lineGroups(stream)) for (const line of lines) await onLine(line)
}
