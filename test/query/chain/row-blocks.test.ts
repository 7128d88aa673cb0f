// Rows that are owed, as the log keeps them: what is read is what was written, a block fits a line, and a version of the query that comes
// while a batch is tried again gives the rows that the one before it gave, under the same names.

import { describe, expect, test } from 'vitest'
import { Tick } from '../../../handlers/ticks/tick.ts'
import {
  double,
  json,
  kafkaHandler,
  memoryDeadLetters,
  memoryState,
  type Sink,
  type StateStore,
  stream,
  string,
  struct,
  timestamp,
} from '../../../lib/index.ts'
import { rowBlocks } from '../../../lib/query/chain/row-blocks.ts'
import { accountOf } from '../../../lib/state/archive/account.ts'
import { readKeptState } from '../../../lib/state/archive/kept-state.ts'
import type { GivenRows } from '../../../lib/state/protocol/operators/row-block.ts'
import { anEvent, aTick, keepingSink, openingBellMs, recordsOf } from '../../builders.ts'

const Event = struct({ id: string().nullable(), value: double(), at: timestamp() })

const place = { topic: 't', partition: 0, offset: 0, timestamp: 0, timestampType: 0 } as const

const given = (rows: readonly object[], offsets: number[] | null = rows.map((_, i) => i)) =>
  ({
    rows: rows.map((row) => ({ row, at: place })),
    ids: rows.map(() => null),
    offsets,
  }) as unknown as GivenRows<never> as Parameters<ReturnType<typeof rowBlocks>['cut']>[0]

const rowsIn = (columns: typeof Event.columns, texts: readonly (string | null)[]) =>
  texts.flatMap((text) =>
    rowBlocks(columns)
      .read(text ?? '')
      .rows.map(({ row }) => row),
  )

describe('blocks of rows', () => {
  test('are read as they were written, whatever the values are', () => {
    const rows = [
      { id: 'a\tb\nc"\ud800', value: Number.NaN, at: 1 },
      { id: null, value: -0, at: -5 },
      { id: '', value: 0.1 + 0.2, at: openingBellMs },
    ]
    const [block, ...others] = rowBlocks(Event.columns).cut({
      ...given(rows, [7, 7, 12]),
      ids: ['a', null, 'c#1'],
    })
    expect(others).toEqual([])
    expect(block?.text).not.toMatch(/[\t\n]/)
    const read = rowBlocks(Event.columns).read(block?.text ?? '')
    expect(read).toMatchObject({ ids: ['a', null, 'c#1'], offsets: [7, 7, 12] })
    expect(read.rows.map(({ row }) => row)).toEqual(rows)
  })

  test('of rows that time brought have no offsets', () => {
    const [block] = rowBlocks(Event.columns).cut(given([{ id: 'a', value: 1, at: 2 }], null))
    expect(rowBlocks(Event.columns).read(block?.text ?? '').offsets).toBeNull()
  })

  test('fit a line each, however long their rows are', () => {
    const lengths = [...Array.from({ length: 3_000 }, (_, i) => i % 50), 90_000, 300_000, 5, 40_000, 40_000, 40_000]
    const rows = lengths.map((length, i) => ({ id: 'é'.repeat(length), value: i, at: i }))
    const blocks = rowBlocks(Event.columns).cut(given(rows))
    expect(blocks.flatMap((block) => block.rows.map(({ row }) => row))).toEqual(rows)
    expect(
      rowsIn(
        Event.columns,
        blocks.map(({ text }) => text),
      ),
    ).toEqual(rows)
    expect(blocks.flatMap(({ offsets }) => offsets ?? [])).toEqual(rows.map((_, i) => i))
    for (const { text, rows: own } of blocks) {
      if (own.length > 1) expect(Buffer.byteLength(text ?? '')).toBeLessThan(300_000)
    }
    expect(blocks.length).toBeLessThan(40)
  })

  test('go by the names of their columns, and are refused where one is not there', () => {
    const [block] = rowBlocks(Event.columns).cut(given([{ id: 'a', value: 1.5, at: 2 }]))
    const { id, value, at } = Object.fromEntries(Event.columns)
    if (id === undefined || value === undefined || at === undefined) throw new Error('the columns are there')
    const read = (columns: Parameters<typeof rowBlocks>[0]) => rowBlocks(columns).read(block?.text ?? '').rows[0]?.row
    const turned = read(new Map([['at', at], ['id', id]])) // biome-ignore format: two columns
    expect(turned).toEqual({ at: 2, id: 'a' })
    expect(() => read(new Map([['id', value]]))).toThrow(
      'id string, value double, at timestamp; now they are id double',
    )
    expect(() => read(new Map([['other', id]]))).toThrow('with other columns')
    const grown = rowBlocks(new Map([['id', id], ['other', id.nullable()], ['venue', id.default('XNAS')]]), true) // biome-ignore format: three columns
    expect(grown.read(block?.text ?? '').rows[0]?.row).toEqual({ id: 'a', other: null, venue: 'XNAS' })
  })

  test('of one row, as they were kept before, go by the place of their values', () => {
    const { rows, ids } = rowBlocks(Event.columns).read('["a",1.5,2]')
    expect(rows[0]?.row).toEqual({ id: 'a', value: 1.5, at: 2 })
    expect(ids).toBeNull()
  })
})

describe('a version of the query that comes while a batch is tried again', () => {
  const failing: Sink<object> = {
    description: 'failing',
    write: () => Promise.reject(new Error('the sink is down')),
  }
  const ticks = stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
  const event = anEvent(
    recordsOf([aTick({ symbol: 'AAPL' }), aTick({ symbol: 'MSFT', price: 7 }), aTick({ symbol: 'AAPL', price: 1 })]),
  )
  const handlerOf = (
    state: StateStore,
    columns: ('symbol' | 'price' | 'volume')[],
    sink: Sink<object>,
    evolve: readonly 'add'[] = [],
  ) =>
    kafkaHandler(
      ticks
        .select(...columns)
        .dropDuplicates('symbol')
        .writeStream({ sinks: [sink], evolve }),
      { state, deadLetters: memoryDeadLetters() },
    )

  test('gives the rows of the first try in the order of its own columns', async () => {
    const state = memoryState()
    await expect(handlerOf(state, ['symbol', 'price', 'volume'], failing)(event)).rejects.toThrow('the sink is down')
    const kept = await readKeptState(state, 'tape')
    expect(kept === undefined ? [] : accountOf(kept).shards).toMatchObject([{ owedRows: 2, entries: [2] }])
    const sink = keepingSink()
    await handlerOf(state, ['price', 'symbol'], sink)(event)
    expect(sink.batches.flat().map(({ id, row }) => ({ id, row }))).toEqual([
      { id: 'stock-ticks-0-0', row: { price: 150.5, symbol: 'AAPL' } },
      { id: 'stock-ticks-0-1', row: { price: 7, symbol: 'MSFT' } },
    ])
  })

  test('gives them without a column that is new, where its author says so', async () => {
    const state = memoryState()
    await expect(handlerOf(state, ['symbol', 'price'], failing)(event)).rejects.toThrow('the sink is down')
    const sink = keepingSink()
    await handlerOf(state, ['volume', 'symbol', 'price'], sink, ['add'])(event)
    expect(sink.batches.flat().map(({ row }) => row)).toEqual([
      { volume: null, symbol: 'AAPL', price: 150.5 },
      { volume: null, symbol: 'MSFT', price: 7 },
    ])
  })

  test('is refused in words where it gives a column that those rows do not have', async () => {
    const state = memoryState()
    await expect(handlerOf(state, ['symbol', 'price'], failing)(event)).rejects.toThrow('the sink is down')
    await expect(handlerOf(state, ['symbol', 'price', 'volume'], keepingSink())(event)).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringContaining(
        'symbol string, price double; now they are symbol string, price double, volume long',
      ),
    })
    const sink = keepingSink()
    await handlerOf(state, ['symbol', 'price'], sink)(event)
    expect(sink.batches.flat()).toHaveLength(2)
  })
})
