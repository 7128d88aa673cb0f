// The examples of docs/windows.md: fenced blocks of the language `transcript`, each a stream from its beginning. Lines
// `> 14:30:05 AAPL 101.5` are the rows of a batch; what stands below them, up to the next batch, is what it prints.

import type { OutputMode } from '../../lib/index.ts'

export interface Exchange {
  readonly rows: readonly { readonly timestamp: number; readonly symbol: string; readonly price: number }[]
  readonly printed: string
}

export interface Transcript {
  /** The output mode of the page's first query; or its query of sessions. */
  readonly mode: OutputMode | 'sessions'
  readonly exchanges: readonly Exchange[]
}

const fence = /^```transcript (append|update|complete|sessions)\n([\s\S]*?)^```$/gm

export const transcriptsOf = (markdown: string): readonly Transcript[] =>
  Array.from(markdown.matchAll(fence), ([, mode, body = '']) => ({
    mode: mode as Transcript['mode'],
    exchanges: exchangesOf(body),
  }))

export const exchangesOf = (body: string): readonly Exchange[] =>
  body.split(/^(?=> )(?<!^> .*\n)/m).flatMap((part) => (part.trim() === '' ? [] : [exchangeOf(part)]))

function exchangeOf(part: string): Exchange {
  const lines = part.trimEnd().split('\n')
  const rows = lines.filter((line) => line.startsWith('> ')).map(rowOf)
  return { rows, printed: lines.filter((line) => !line.startsWith('> ')).join('\n') }
}

function rowOf(line: string): Exchange['rows'][number] {
  const [, time, symbol, price] = line.split(/\s+/)
  const timestamp = Date.parse(`2026-01-05T${time}Z`)
  if (Number.isNaN(timestamp) || symbol === undefined) throw new Error(`docs/windows.md: cannot read "${line}"`)
  return { timestamp, symbol, price: Number(price) }
}
