// The page's feed of server-sent events: to each browser the whole state when it comes, to all of them what changed, twice a second. One
// that does not read is let go of: it comes again by itself, and gets the whole state.

import type { ServerResponse } from 'node:http'
import type { PageView } from '../view/page-view.ts'

const intervalMs = 500
/** Beats of the feed between two signs of life. */
const quietBeats = 20
const maxUnreadBytes = 8_000_000
const maxReaders = 16

export interface Feed {
  /** Whether there is room for one more. */
  readonly isFree: () => boolean
  /** Answers with the feed, until the reader goes. */
  readonly open: (response: ServerResponse) => void
  readonly close: () => void
}

/**
 * @param failed told of the error that ends the feed; nobody else would catch it
 * @example const feed = openFeed(view, (error) => log.warning(String(error))); feed.open(response)
 */
export function openFeed(view: Pick<PageView, 'state' | 'change'>, failed: (error: unknown) => void): Feed {
  const readers = new Set<ServerResponse>()
  let beats = 0
  function beat(): void {
    if (readers.size === 0) return
    beats += 1
    const change = view.change()
    if (change !== undefined) send(readers, messageOf('change', change))
    else if (beats % quietBeats === 0) send(readers, ': nothing new\n\n')
  }
  const timer = setInterval(() => {
    try {
      beat()
    } catch (error) {
      clearInterval(timer)
      failed(error)
    }
  }, intervalMs)
  // It shall not keep alive a process that is otherwise done.
  timer.unref()

  return {
    isFree: () => readers.size < maxReaders,
    open: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      readers.add(response)
      response.once('close', () => readers.delete(response))
      response.write(`retry: 1000\n\n${messageOf('state', view.state())}`)
    },
    close: () => {
      clearInterval(timer)
      for (const reader of readers) reader.end()
    },
  }
}

function send(readers: Iterable<ServerResponse>, text: string): void {
  for (const reader of readers) {
    if (reader.writableLength > maxUnreadBytes) reader.destroy()
    else reader.write(text)
  }
}

/** JSON has no line break of its own that would end the message. */
const messageOf = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
