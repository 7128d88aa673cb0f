// What functions print, on a channel of its own beside that of the mappings: the lines that Lambda would send to its log group. The
// output itself goes where it went before; nobody listens, nothing is done.

import { channel as channelOf } from 'node:diagnostics_channel'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Some lines that a function printed together, without their line breaks. */
export interface PrintedLines {
  /** The function's key in serverless.yml. */
  readonly functionKey: string
  /** The same for all lines of one output: a function has one for each of its workers. */
  readonly output: object
  readonly lines: readonly string[]
}

const channel = channelOf('serverless-offline-kafka-mapping:output')

/** A line above it is left out: it is no table and no log line that somebody would read. */
const maxLineLength = 1_000_000

/**
 * Publishes the lines of an output, beside whoever reads it. It must be asked for when the output begins.
 *
 * @example tellPrinted('bars', worker.stdout)
 */
export function tellPrinted(functionKey: string, output: Readable): void {
  if (!channel.hasSubscribers) return
  const decoder = new StringDecoder('utf8')
  let rest = ''
  output.on('data', (chunk: Buffer) => {
    const lines = `${rest}${decoder.write(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxLineLength) rest = ''
    if (lines.length > 0) channel.publish({ functionKey, output, lines } satisfies PrintedLines)
  })
}

/** Calls `listener` for what functions of this process print from now on. It must not throw. @returns ends it */
export function onPrinted(listener: (printed: PrintedLines) => void): () => void {
  // Nobody else publishes on this channel.
  const heard = (message: unknown): void => listener(message as PrintedLines)
  channel.subscribe(heard)
  return () => {
    channel.unsubscribe(heard)
  }
}
