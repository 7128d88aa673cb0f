// The queries of consumer.ts by their names, in batch mode, for the command line. Nothing is connected to: consumer.ts makes
// its clients when a handler first needs them.

import { MicrobatchError, type StreamingQuery, type TopicBatch, topicBatch } from 'microbatch'
import * as consumer from './consumer.ts'

const exportName = /^(.+)Query$/

const queries: ReadonlyMap<string, StreamingQuery> = new Map(
  Object.entries(consumer).flatMap(([name, value]): [string, StreamingQuery][] => {
    const [, query] = exportName.exec(name) ?? []
    // The types of its rows are of no account here; sinks, which take rows, are not written in batch mode.
    return query === undefined || typeof value === 'function' ? [] : [[query, value as StreamingQuery]]
  }),
)

/** What `startBatch` takes: each export `<name>Query` of consumer.ts. */
export const queryNames: readonly string[] = [...queries.keys()]

/**
 * @throws MicrobatchError QUERY_INVALID for a name that is not one of `queryNames`
 * @example startBatch('bars').topic // 'stock-ticks'
 */
export function startBatch(name: string): TopicBatch {
  const query = queries.get(name)
  if (query !== undefined) return topicBatch(query)
  throw new MicrobatchError('QUERY_INVALID', `There is no query ${name} over a topic, only ${queryNames.join(', ')}.`)
}
