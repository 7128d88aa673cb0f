import { double, listState, type Sink, stream, string, struct, timestamp } from '../../lib/index.ts'

const Tick = struct({ symbol: string(), price: double(), timestamp: timestamp() })

// docs/custom-state.md shows the lines from here on.
export const movesQuery = (sinks: readonly Sink<object>[]) =>
  stream('moves')
    .rows(Tick)
    .groupBy('symbol')
    .transformWithState({
      state: { recent: listState(struct({ price: double(), timestamp: timestamp() })) },
      output: struct({ symbol: string(), from: double(), to: double(), at: timestamp() }),
      *handleInput({ symbol }, { price, timestamp }, { state: { recent } }) {
        const minute = recent.get().filter((tick) => tick.timestamp > timestamp - 60_000)
        const start = minute.find((tick) => Math.abs(price / tick.price - 1) >= 0.05)
        if (start !== undefined) yield { symbol, from: start.price, to: price, at: timestamp }
        // The next move is measured from this price on.
        recent.put([...(start === undefined ? minute : []), { price, timestamp }])
      },
    })
    .writeStream({ sinks })
