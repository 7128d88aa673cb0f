// A reader beside a schedule: it asks all the time, and each of its calls to the store waits until the schedule's own calls let it through,
// so that any number of writes may come between two of them. What each shard was after each append is worked out by itself, from the
// items; an answer must be one of these, none older than when it was asked for, and none older than the one before.

import { setImmediate as settled } from 'node:timers/promises'
import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { headOf } from '../../../lib/state/items/head.ts'
import { headKey, parseSegmentName } from '../../../lib/state/items/names.ts'
import { progressFromItem } from '../../../lib/state/items/progress.ts'
import { type ImageFields, parseImageLine, unpack } from '../../../lib/state/items/segment.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import { StateReader } from '../../../lib/state/reader/state-reader.ts'
import type { Shard } from '../../../lib/state/shards/shard.ts'
import type { Item, ItemKey, StateStore } from '../../../lib/state/store.ts'
import type { Random } from '../schedule/random.ts'
import { aQuery } from '../tick-batches.ts'

export interface AskingReader {
  /** What the schedule runs over. */
  readonly store: StateStore
  /** Lets the reader end, and gives what it has seen. */
  finish(): Promise<Seen>
}

export interface Seen {
  readonly problems: readonly string[]
  /** Shards that were read. */
  readonly answers: number
  /** Those of them whose state was another than the reader's last. */
  readonly changes: number
  /** Segments that had gone when the reader came for them. */
  readonly lost: number
}

/** @param mode of the schedule's query */
export function askingReader(store: StateStore, mode: OutputMode, random: Random): AskingReader {
  /** By partition key and number of writes. */
  const history = new Map<string, string>()
  /** How often each head has been written, and the last committed batch: as far as anybody may know. */
  const written = new Map<string, number>()
  const seen = { problems: [] as string[], answers: 0, changes: 0, lost: 0 }
  let committed = 0
  let isOver = false
  const waiting: { readonly release: () => void; readonly isSegment: boolean }[] = []

  const gated: StateStore = {
    ...store,
    get: (key) =>
      new Promise<void>((release) => waiting.push({ release, isSegment: parseSegmentName(key.sk) !== undefined })).then(
        async () => {
          const item = await store.get(key)
          if (item === undefined && parseSegmentName(key.sk) !== undefined) seen.lost += 1
          return item
        },
      ),
    put: () => Promise.reject(new Error('a reader writes nothing')),
    exchange: () => Promise.reject(new Error('a reader writes nothing')),
  }
  const reader = new StateReader(gated, 'schedule', () => aQuery({ name: 'schedule', outputMode: mode }) as never)

  /** One who asks; two of them share the reader. */
  async function ask(): Promise<void> {
    const last = new Map<string, number>()
    let lastBatch = 0
    while (!isOver) {
      const askedAt = new Map(written)
      const askedBatch = committed
      await reader.ask(async (look) => {
        const { n } = look.progress
        if (n < lastBatch || n < askedBatch) seen.problems.push(`batch ${n} was seen after ${lastBatch}, ${askedBatch}`)
        lastBatch = n
        const shards = Array.from({ length: look.shards }, (_, shard) => shard).filter(() => random.chance(0.7))
        await Promise.all(shards.map((shard) => look.take(shard, (found) => check(found, last, askedAt))))
      })
    }
  }

  function check(shard: Shard, last: Map<string, number>, askedAt: ReadonlyMap<string, number>): void {
    const { pk, head } = shard
    const { seq } = head
    const before = last.get(pk) ?? 0
    seen.answers += 1
    if (seq !== before) seen.changes += 1
    if (seq < before) seen.problems.push(`${pk} went back from ${before} to ${seq}`)
    if (seq < (askedAt.get(pk) ?? 0))
      seen.problems.push(`${pk} was ${askedAt.get(pk)} when asked for, and read as ${seq}`)
    last.set(pk, seq)
    const text = seq === 0 ? '' : history.get(`${pk} ${seq}`)
    const found = textOf(
      Array.from(shard.groups.groups(), (image) => [
        `${image.endMs} ${shard.groups.keyOf(image)}`,
        String((shard.groups.accOf(image) as readonly string[]).join(' ')),
      ]),
    )
    if (found !== text) seen.problems.push(`${pk} was {${text}} after ${seq} writes, and read as {${found}}`)
  }

  /** The groups of a shard as they are in the store, worked out from the lines. */
  async function noteHead(item: Item): Promise<void> {
    const head = headOf(item)
    const parts = await Promise.all(head.segments.map(({ sk }) => store.get({ pk: item.pk, sk })))
    const groups = new Map<string, ImageFields>()
    for (const part of [...parts.map((part) => part?.body), ...head.tail]) {
      for (const line of part === undefined ? [] : unpack(part).split('\n').slice(0, -1)) {
        const image = parseImageLine(line)
        groups.set(`${image.endMs} ${image.key}`, image)
      }
    }
    const isThere = ({ endMs, last }: ImageFields): boolean =>
      endMs > protocolRules.goneUpToMs(head, mode) || !protocolRules.isGone(head, { last: [...last] }, mode)
    const live = [...groups]
      .filter(([, image]) => isThere(image))
      .map(([name, { acc }]): [string, string] => [name, acc])
    history.set(`${item.pk} ${head.seq}`, textOf(live))
    written.set(item.pk, head.seq)
  }

  async function note(key: ItemKey): Promise<void> {
    const item = await store.get(key)
    if (item === undefined) return
    if (item.sk === headKey(item.pk).sk) await noteHead(item)
    else if (item.sk === 'progress') committed = progressFromItem(item).n
  }

  /** After a call of the schedule's, the reader comes some calls further. */
  async function letThrough(): Promise<void> {
    for (let calls = random.pick([0, 0, 1, 2, 3]); calls > 0; calls -= 1) {
      // Segments are slow, so that the head that names them is old when they come.
      const ready = waiting.filter(({ isSegment }) => !isSegment || random.chance(0.1))
      if (ready.length === 0) return
      const call = random.pick(ready)
      waiting.splice(waiting.indexOf(call), 1)
      call.release()
      await settled()
    }
  }

  const asked = Promise.all(Array.from({ length: 2 }, ask)).catch((error: unknown) => seen.problems.push(String(error)))
  return {
    store: {
      ...store,
      async put(item, expectedRev) {
        const outcome = await store.put(item, expectedRev)
        if (outcome.kind === 'ok') await note(item)
        await letThrough()
        return outcome
      },
      async exchange(added, removed) {
        await store.exchange(added, removed)
        await letThrough()
      },
    },
    async finish() {
      isOver = true
      while (waiting.length > 0) {
        for (const { release } of waiting.splice(0)) release()
        await settled()
      }
      await asked
      return seen
    },
  }
}

const textOf = (groups: readonly (readonly [name: string, acc: string])[]): string =>
  groups
    .map(([name, acc]) => `${name} {${acc}}`)
    .toSorted()
    .join('; ')
