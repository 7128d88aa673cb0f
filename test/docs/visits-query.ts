import { listState, type Sink, stream, string, struct, timestamp, valueState } from '../../lib/index.ts'

const Click = struct({ user: string(), page: string(), at: timestamp() })

// docs/custom-state.md shows the lines from here on.
export const visitsQuery = (sinks: readonly Sink<object>[]) =>
  stream('visits')
    .rows(Click)
    .withWatermark('at', '10 seconds')
    .groupBy('user')
    .transformWithState({
      state: { pages: listState(string()), until: valueState(timestamp()) },
      output: struct({ user: string(), pages: string(), end: string() }),
      timeMode: 'eventTime',
      *handleInput({ user }, { page, at }, { state: { pages, until }, registerTimer, deleteTimer }) {
        const before = until.get()
        if (before !== null) deleteTimer(before)
        if (page === 'logout') {
          yield { user, pages: pages.get().join(' '), end: 'logout' }
          pages.clear()
          until.clear()
          return
        }
        const timeout = Math.max(before ?? 0, at + 30_000)
        pages.appendValue(page)
        until.update(timeout)
        registerTimer(timeout)
      },
      *handleExpiredTimer({ user }, _, { state: { pages, until } }) {
        yield { user, pages: pages.get().join(' '), end: 'timeout' }
        pages.clear()
        until.clear()
      },
    })
    .writeStream({ sinks })
