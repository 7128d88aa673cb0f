// What happens to the invocations of a schedule: real protocol code, driven step by step by a seeded choice. Invocations run beside
// each other; they are killed between any two operations, or given up by the mapping and left to wake up later (zombies), also after
// everything else has ended; what was not acknowledged comes again in other batches and other mixes of partitions. Per partition the
// mapping delivers a record first only after all earlier ones were acknowledged (assumption A1 of docs/state-protocol.md).
import { setImmediate as settled } from 'node:timers/promises'
import { type WallTimeMs, wallTimeMs } from '../../../lib/aggregate/time.ts'
import { MicrobatchError } from '../../../lib/error.ts'
import { type StateContainer, stateContainer } from '../../../lib/state/protocol/container.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import { WarmShards } from '../../../lib/state/shards/warm-shards.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import { Gates, gatedStore, type Operation } from './gates.ts'
import type { Mutant } from './mutant.ts'
import type { Random } from './random.ts'
import type { Ranges } from './topic.ts'
import { Violation } from './violation.ts'

/** Passes an operation of an invocation through its gate. */
export type Gate = <T>(kind: Operation['kind'], label: string, operation: () => Promise<T>) => Promise<T>

/** The subject of a schedule: a query over a topic, whose invocations use one store. */
export interface Subject {
  readonly seed: number
  readonly random: Random
  /** How many records each partition has. */
  readonly lengths: ReadonlyMap<string, number>
  /** Batches one after the other, without faults. */
  readonly isSequential: boolean
  /** Whether flushes come now and then, and one at the end. */
  readonly isFlushed: { readonly nowAndThen: boolean; readonly atEnd: boolean }
  readonly store: StateStore
  readonly mutant: Mutant
  /** Called before an invocation starts. */
  onStart?(ranges: Ranges): void
  run(container: StateContainer, ranges: Ranges, gate: Gate, nowMs: WallTimeMs): Promise<void>
  /** What was seen so far. */
  violation(): Violation | null
  /** Throws the first violation of what holds when everything has ended. */
  checkEnd(): void
  late(): number
}

export interface ScheduleResult {
  readonly violation: Violation | null
  readonly trace: readonly string[]
  readonly steps: number
  readonly kills: number
  readonly zombies: number
  readonly unclear: number
  /** Acknowledged records that came again. */
  readonly rewinds: number
  /** Pairs of a row and a group that were late. */
  readonly late: number
}

type Status = 'live' | 'zombie' | 'dead' | 'succeeded' | 'failed'

interface Running {
  readonly id: number
  readonly ranges: Ranges
  readonly warm: WarmShards
  status: Status
  /** A zombie that sleeps until everything else has ended. */
  asleep: boolean
  outcome: 'succeeded' | 'failed' | null
}

const maxSteps = 20_000

export async function drive(subject: Subject): Promise<ScheduleResult> {
  const { seed, random, lengths, isSequential, store, mutant } = subject
  const gates = new Gates()
  const trace: string[] = []
  const count = { steps: 0, kills: 0, zombies: 0, unclear: 0, rewinds: 0 }
  const log = {
    maxTailBytes: random.pick([0, 40, 3072]),
    pieceLength: random.pick([1000, 1000, 30]),
    maxSegments: random.pick([1, 2, 4]),
    slackBytes: Number.POSITIVE_INFINITY,
    compactionsPerSweep: 1,
  }

  const runs: Running[] = []
  const containers: WarmShards[] = []
  const delayed: (() => Promise<void>)[] = []
  const acked = new Map([...lengths.keys()].map((tp) => [tp, 0]))
  const halves = new Map<string, readonly [number, number]>()
  let faults = isSequential ? 0 : random.between(0, 10)
  let tokens = 0
  let damaged: Violation | null = null
  let nowMs = 0
  let isFlushed = !subject.isFlushed.atEnd

  const containerOf = (id: number, warm: WarmShards): StateContainer => {
    const seen = gatedStore(store, gates, id, mutant.trustsRefusals)
    return stateContainer(mutant.seen?.(seen) ?? seen, {
      warm,
      rules: { ...protocolRules, ...mutant.rules },
      maxTries: 6,
      parallelism: random.between(1, 3),
      ...log,
      newToken: () => `r${tokens++}`,
      newSegmentToken: () => `s${tokens++}`,
      random: random.next,
      sleep: async () => {},
      ...mutant.container,
    })
  }
  /** One where nothing runs but, now and then, what was given up and runs on. */
  const freeContainer = (): WarmShards => {
    const isFree = (warm: WarmShards) =>
      runs.every(
        (run) =>
          run.warm !== warm ||
          run.outcome !== null ||
          run.status === 'dead' ||
          (run.status === 'zombie' && random.chance(0.3)),
      )
    const free = containers.filter(isFree)
    if (free.length > 0 && random.chance(0.8)) return random.pick(free)
    const made = mutant.makesWarm?.() ?? new WarmShards()
    containers.push(made)
    return made
  }
  const start = (ranges: Ranges): void => {
    const warm = freeContainer()
    const run: Running = { id: runs.length, ranges, warm, status: 'live', asleep: false, outcome: null }
    const shown = [...ranges].map(([tp, [from, to]]) => `${tp}[${from},${to})`).join(' ')
    trace.push(`X${run.id} starts with ${shown || 'a flush'} in container ${containers.indexOf(warm)}`)
    runs.push(run)
    subject.onStart?.(ranges)
    const end = (outcome: 'succeeded' | 'failed', why: string): void => {
      run.outcome = outcome
      trace.push(`X${run.id} ${outcome}${why}`)
    }
    const gate: Gate = (kind, label, operation) => gates.enter(run.id, kind, label, operation)
    subject.run(containerOf(run.id, warm), ranges, gate, wallTimeMs(nowMs)).then(
      () => end('succeeded', ''),
      (error: unknown) => {
        // The log is whole: whoever says otherwise is wrong.
        if (error instanceof MicrobatchError && error.code === 'STATE_INCOMPATIBLE')
          damaged ??= new Violation('I8', error.message)
        if (error instanceof MicrobatchError && error.code === 'CONFIG_INVALID')
          damaged ??= new Violation('I1', error.message)
        end('failed', `: ${error instanceof Error ? error.message : String(error)}`)
      },
    )
  }

  /** Partitions nobody works on, with the next ranges they may deliver. */
  const deliverable = (): readonly (readonly [string, readonly [number, number]])[] =>
    [...lengths].flatMap(([tp, length]) => {
      const from = acked.get(tp) ?? 0
      const busy = runs.some(({ status, ranges }) => status === 'live' && ranges.has(tp))
      if (busy || from >= length) return []
      return [[tp, halves.get(tp) ?? [from, Math.min(length, from + random.between(1, 4))]] as const]
    })
  const deliver = (free: ReturnType<typeof deliverable>): void => {
    const some = free.filter(() => random.chance(0.5))
    const ranges = new Map(some.length > 0 ? some : [random.pick(free)])
    start(ranges)
  }
  const giveUp = (run: Running): void => {
    for (const [tp, [from, to]] of run.ranges) {
      if (mutant.laterHalfFirst && to - from > 1) halves.set(tp, [Math.floor((from + to) / 2), to])
    }
  }
  const acknowledge = (run: Running): void => {
    for (const [tp, [, to]] of run.ranges) {
      const isHalf = halves.delete(tp)
      // The mutant's second half is done; the first one, still unacknowledged, comes next.
      if (!isHalf) acked.set(tp, Math.max(acked.get(tp) ?? 0, to))
    }
  }
  const reap = (): void => {
    for (const run of runs) {
      if (run.outcome === null || run.status === 'succeeded' || run.status === 'failed' || run.status === 'dead')
        continue
      if (run.status === 'live' && run.outcome === 'succeeded') acknowledge(run)
      if (run.status === 'live' && run.outcome === 'failed') giveUp(run)
      run.status = run.outcome
    }
  }
  const kill = (run: Running): void => {
    count.kills += 1
    run.status = 'dead'
    giveUp(run)
    const dropped = gates.drop(run.id)
    trace.push(`X${run.id} is killed before ${dropped.map(({ label }) => label).join(', ')}`)
    // What it had sent may still arrive.
    for (const operation of dropped)
      if (operation.kind === 'write' && random.chance(0.4)) delayed.push(operation.delay())
  }
  const zombify = (run: Running): void => {
    count.zombies += 1
    run.status = 'zombie'
    run.asleep = random.chance(0.6)
    giveUp(run)
    trace.push(`X${run.id} is given up${run.asleep ? ', asleep' : ''}`)
  }
  const step = async (operation: Operation): Promise<void> => {
    count.steps += 1
    const { owner, kind, label } = operation
    if (faults > 0 && random.chance(0.04)) {
      faults -= 1
      count.unclear += 1
      const how = random.between(0, kind === 'write' ? 3 : 1)
      const what = ['refused', 'answer lost', 'timed out, may arrive', 'answer lost, is tried again'][how]
      trace.push(`X${owner} ${label} -> ${what}`)
      if (how === 0) return operation.refuse()
      if (how === 1) return operation.lose()
      if (how === 3) return operation.repeat()
      delayed.push(operation.delay())
      return
    }
    trace.push(`X${owner} ${label}`)
    await operation.pass()
  }
  /** Acknowledged records come again: a position that was moved back by hand. */
  const rewind = (): void => {
    const [tp, to] = random.pick([...acked])
    const isBusy = runs.some(({ status, ranges }) => status === 'live' && ranges.has(tp))
    if (isBusy || to === 0 || halves.has(tp)) return
    count.rewinds += 1
    acked.set(tp, random.between(0, to - 1))
    trace.push(`${tp} comes again from ${acked.get(tp)}`)
  }

  const findings = (violation: Violation | null): ScheduleResult => ({
    violation,
    trace,
    ...count,
    late: subject.late(),
  })
  for (;;) {
    await settled()
    reap()
    const seen = subject.violation() ?? damaged
    if (seen !== null) return findings(seen)
    if (count.steps > maxSteps) throw new Error(`seed ${seed} does not end`)

    nowMs += random.between(0, 3)
    const live = runs.filter(({ status }) => status === 'live')
    const awake = gates.of((owner) => {
      const run = runs[owner]
      return run !== undefined && (run.status === 'live' || (run.status === 'zombie' && !run.asleep))
    })
    const free = deliverable()
    const victim = live.length > 0 && faults > 0 && random.chance(0.05) ? random.pick(live) : undefined
    if (victim !== undefined) {
      faults -= 1
      if (random.chance(0.5)) kill(victim)
      else zombify(victim)
    } else if (faults > 0 && count.rewinds < 2 && random.chance(0.01)) {
      rewind()
    } else if (subject.isFlushed.nowAndThen && random.chance(0.02)) {
      start(new Map())
    } else if (free.length > 0 && (awake.length === 0 || (!isSequential && random.chance(0.15)))) {
      deliver(free)
    } else if (delayed.length > 0 && random.chance(0.1)) {
      await arrive(delayed, random, trace)
    } else if (awake.length > 0) {
      const picked = random.pick(awake)
      // A client waits before it tries again, and others go on.
      const others = picked.isRepeated() && random.chance(0.95) ? awake.filter((other) => !other.isRepeated()) : []
      await step(others.length > 0 ? random.pick(others) : picked)
    } else if (delayed.length > 0) {
      await arrive(delayed, random, trace)
    } else {
      const sleepers = runs.filter(({ status, asleep }) => status === 'zombie' && asleep)
      if (sleepers.length === 0 && isFlushed) break
      if (sleepers.length === 0) {
        // A flush that was killed does not come again by itself: the next one does its work.
        isFlushed = true
        faults = 0
        start(new Map())
        continue
      }
      for (const run of sleepers) run.asleep = random.chance(0.3)
      const woken = random.pick(sleepers)
      woken.asleep = false
      trace.push(`X${woken.id} wakes up`)
    }
  }
  return findings(endViolation(() => subject.checkEnd()))
}

async function arrive(delayed: (() => Promise<void>)[], random: Random, trace: string[]): Promise<void> {
  const [write] = delayed.splice(random.between(0, delayed.length - 1), 1)
  trace.push('a write of an earlier step arrives')
  await write?.()
}

function endViolation(check: () => void): Violation | null {
  try {
    check()
    return null
  } catch (error) {
    if (error instanceof Violation) return error
    throw error
  }
}
