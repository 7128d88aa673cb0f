// A child's output as lines. Only \n ends a line: readline would also break at \r and U+2028, and a table must come out as
// it was printed.
import { StringDecoder } from 'node:string_decoder'

/**
 * Calls `onLine` for each line, without its \n; the last one also when no \n ends it. Resolves at the end of the stream.
 * The stream is not read on while `onLine` has not resolved, so a slow reader slows the child and fills no memory.
 * @example await eachLine(child.stdout, (line) => process.stdout.write(`${line}\n`))
 */
export async function eachLine(
  stream: AsyncIterable<Uint8Array>,
  onLine: (line: string) => void | Promise<void>,
): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) await onLine(line)
  }
  rest += decoder.end()
  if (rest !== '') await onLine(rest)
}
