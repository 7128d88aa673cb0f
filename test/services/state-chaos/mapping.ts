// A small event source mapping for the proof: each partition in order, one batch of it at a time, several partitions in a batch.
// What was not acknowledged comes again, in other batches and to other containers; containers are killed or given up at random,
// and acknowledged records come again now and then.

import { encodeKafkaEvent, type KafkaRow } from '../../../lib/index.ts'
import type { Random } from '../../state/schedule/random.ts'
import type { Answer } from './worker.ts'
import type { Worker, WorkerPool } from './worker-pool.ts'

export interface DeliveryCounts {
  acknowledged: number
  /** By error code. */
  readonly failed: Map<string, number>
  kills: number
  /** Batches that were given to another container while the first one still worked on them. */
  givenUp: number
  rewinds: number
}

export interface MappingOptions {
  readonly topic: readonly (readonly KafkaRow[])[]
  readonly pool: WorkerPool
  readonly random: Random
  /** Told of every acknowledged batch: records acknowledged so far. */
  readonly onProgress: (done: number) => void
}

/** What Lambda's own timeout would be: the container is killed. */
const timeoutMs = 60_000
const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const

/** @throws Error where a batch says that a row was late or a record bad: none of these is */
export async function deliverAll({ topic, pool, random, onProgress }: MappingOptions): Promise<DeliveryCounts> {
  const positions = topic.map(() => 0)
  const busy = new Set<number>()
  const counts: DeliveryCounts = { acknowledged: 0, failed: new Map(), kills: 0, givenUp: 0, rewinds: 0 }
  let next = 0
  let live = 0
  let problem: Error | undefined
  let wake = (): void => undefined

  /** One that has nothing to do; rarely one that was given up and works on. */
  const freeWorker = (): Worker | undefined => {
    const free = pool
      .workers()
      .filter(({ pending }) => pending.size === 0 || (pending.size === 1 && random.chance(0.05)))
    return free.length === 0 ? undefined : random.pick(free)
  }

  const acknowledge = (
    ranges: ReadonlyMap<number, readonly [number, number]>,
    answer: Answer & { kind: 'ok' },
  ): void => {
    counts.acknowledged += 1
    if (answer.late > 0 || answer.deadLetters > 0)
      problem ??= new Error(
        `a batch counts ${answer.late} late rows and ${answer.deadLetters} dead letters; there are none`,
      )
    for (const [partition, [, to]] of ranges) positions[partition] = to
    onProgress(positions.reduce((sum, position) => sum + position, 0))
    if (!random.chance(0.02)) return
    const partition = random.pick([...ranges.keys()])
    counts.rewinds += 1
    positions[partition] = Math.max(0, (positions[partition] ?? 0) - random.between(1, 600))
  }

  async function deliver(worker: Worker, ranges: ReadonlyMap<number, readonly [number, number]>): Promise<void> {
    const id = next++
    const rows = [...ranges].flatMap(([partition, [from, to]]) => topic[partition]?.slice(from, to) ?? [])
    for (const partition of ranges.keys()) busy.add(partition)
    live += 1
    let isGivenUp = false
    const release = (): void => {
      if (isGivenUp) return
      isGivenUp = true
      for (const partition of ranges.keys()) busy.delete(partition)
      live -= 1
      wake()
    }
    const kill = (): void => {
      counts.kills += 1
      worker.kill()
    }
    const giveUp = (): void => {
      counts.givenUp += 1
      release()
    }
    const fate = random.next()
    const soonMs = random.between(0, 200)
    const timers = [setTimeout(kill, timeoutMs)]
    if (fate < 0.12) timers.push(setTimeout(kill, soonMs))
    else if (fate < 0.24) timers.push(setTimeout(giveUp, soonMs))
    const answer = await worker.run({ id, event: encodeKafkaEvent(origin, rows) })
    for (const timer of timers) clearTimeout(timer)
    if (answer?.kind === 'failed') counts.failed.set(answer.code, (counts.failed.get(answer.code) ?? 0) + 1)
    if (answer?.kind === 'failed' && isHopeless(answer.code)) problem ??= new Error(`${answer.code}: ${answer.message}`)
    // Whoever was given up may succeed all he likes: the mapping no longer listens.
    if (answer?.kind === 'ok' && !isGivenUp) acknowledge(ranges, answer)
    release()
    wake()
  }

  for (;;) {
    if (problem !== undefined) throw problem
    const free = topic.flatMap((records, partition) => {
      const from = positions[partition] ?? 0
      return busy.has(partition) || from >= records.length ? [] : [{ partition, from, end: records.length }]
    })
    if (free.length === 0 && live === 0) break
    const worker = free.length === 0 ? undefined : freeWorker()
    if (worker === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    const some = free.filter(() => random.chance(0.6))
    const ranges = (some.length > 0 ? some : [random.pick(free)]).map(
      ({ partition, from, end }) => [partition, [from, Math.min(end, from + random.between(100, 900))]] as const,
    )
    void deliver(worker, new Map(ranges))
  }
  await pool.settled()
  if (problem !== undefined) throw problem
  return counts
}

/** Errors that another try does not cure, and that nothing in this proof may bring about. */
const isHopeless = (code: string): boolean => code !== 'STATE_FAILED' && code !== 'STATE_CONFLICT'
