// Text to a reader that may be slow, or gone: `microbatch start | head`.
import type { Writable } from 'node:stream'

/**
 * Writes, and waits until the stream takes more. A reader that went away is not waited for: that is no error of ours, and
 * whoever listens to the stream's `error` (listenForStop) ends the run.
 *
 * @example await writeTo(process.stdout, 'a line\n')
 */
export async function writeTo(stream: Writable, text: string): Promise<void> {
  if (stream.write(text) || !stream.writable) return
  const ready = Promise.withResolvers<void>()
  const events = ['drain', 'close', 'error']
  for (const event of events) stream.once(event, ready.resolve)
  await ready.promise
  for (const event of events) stream.off(event, ready.resolve)
}

/** Prints a whole result on stdout, text by text. A reader that has seen enough (`microbatch batch … | head`) ends the command. */
export async function printToEnd(texts: Iterable<string>): Promise<void> {
  process.stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(0)
    throw error
  })
  for (const text of texts) await writeTo(process.stdout, text)
}
