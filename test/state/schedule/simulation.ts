// One schedule: the real protocol code, driven step by step by a seeded choice. Invocations run beside each other; they are
// killed between any two operations, or given up by the mapping and left to wake up later (zombies), also after everything
// else has ended; what was not acknowledged comes again in other batches and other mixes of partitions. Per partition the
// mapping delivers a record first only after all earlier ones were acknowledged (assumption A1 of docs/state-protocol.md).
import { setImmediate as settled } from 'node:timers/promises'
import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { wallTimeMs } from '../../../lib/aggregate/time.ts'
import { applyBatch } from '../../../lib/state/protocol/apply-batch.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import { type StateSession, stateSession } from '../../../lib/state/protocol/session.ts'
import type { StatefulQuery, WatermarkSpec } from '../../../lib/state/protocol/stateful-query.ts'
import { WarmCopies } from '../../../lib/state/protocol/warm-copies.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { runBatch } from '../emission.ts'
import { Gates, gatedEmission, gatedStore, type Operation } from './gates.ts'
import { checkEnd, Violation, watchedStore } from './invariants.ts'
import type { Mutant } from './mutant.ts'
import { type Random, seeded } from './random.ts'
import { properSinks, rememberingSinks } from './sinks.ts'
import { batchOf, delayMs, foldIds, type Ranges, type Rec, randomTopic, windowMs } from './topic.ts'

/** `idle`: policy min with an idle timeout, and events without records now and then: rows within their delay may be late there. */
export type Policy = 'min' | 'max' | 'idle'

export interface Plan {
  readonly seed: number
  readonly mode: OutputMode
  readonly policy: Policy
  readonly mutant?: Mutant
}

export interface ScheduleResult {
  readonly violation: Violation | null
  readonly trace: readonly string[]
  readonly steps: number
  readonly kills: number
  readonly zombies: number
  readonly unclear: number
  readonly expired: number
}

type Status = 'live' | 'zombie' | 'dead' | 'succeeded' | 'failed'

interface Running {
  readonly id: number
  readonly ranges: Ranges
  readonly container: WarmCopies
  status: Status
  /** A zombie that sleeps until everything else has ended. */
  asleep: boolean
  outcome: 'succeeded' | 'failed' | null
}

const maxSteps = 20_000

export async function runSchedule({ seed, mode, policy, mutant = {} }: Plan): Promise<ScheduleResult> {
  const random = seeded(seed)
  const topic = randomTopic(random)
  const slideMs = random.chance(0.3) ? windowMs / 2 : windowMs
  const query: StatefulQuery<Rec> = {
    name: 'schedule',
    fingerprint: { window: `${windowMs} ${slideMs}` },
    outputMode: mode,
    watermark: watermarkOf(policy, [...topic.keys()], random),
    windows: { everyMs: slideMs, phaseMs: 0 },
    shards: random.between(1, 2),
    fold: foldIds,
  }
  const memory = memoryState({ pageItems: 2, nowMs: () => 0 })
  const ledger = watchedStore(memory, topic, slideMs)
  const store = mutant.store?.(ledger.store, seeded(seed + 1)) ?? ledger.store
  const sinks = rememberingSinks({ ...properSinks, ...mutant.sinks })
  const gates = new Gates()
  const trace: string[] = []
  const count = { steps: 0, kills: 0, zombies: 0, unclear: 0, expired: 0 }

  const runs: Running[] = []
  const idle: WarmCopies[] = []
  const late: (() => Promise<void>)[] = []
  const acked = new Map([...topic.keys()].map((tp) => [tp, 0]))
  const delivered = new Map<string, number>()
  const held = new Map<string, readonly [number, number]>()
  let faults = random.between(0, 10)
  let tokens = 0
  let nowMs = 0
  let isClosed = policy !== 'idle'
  // An event without records that was not acknowledged comes back as well: what it sealed is not emitted yet.
  let isEmptyOwed = false

  const session = (id: number, warm: WarmCopies): StateSession => {
    const seen = gatedStore(store, gates, id)
    return stateSession(mutant.seen?.(seen) ?? seen, {
      warm,
      rules: { ...protocolRules, ...mutant.rules },
      maxTries: 6,
      parallelism: random.between(1, 3),
      newToken: () => `r${tokens++}`,
      random: random.next,
      sleep: async () => {},
    })
  }
  const start = (ranges: Ranges): void => {
    const reused = random.chance(0.8) ? idle.pop() : undefined
    const run: Running = {
      id: runs.length,
      ranges,
      container: reused ?? new WarmCopies(),
      status: 'live',
      asleep: false,
      outcome: null,
    }
    runs.push(run)
    const shown = [...ranges].map(([tp, [from, to]]) => `${tp}[${from},${to})`).join(' ')
    trace.push(`X${run.id} starts with ${shown || 'nothing'}${reused === undefined ? '' : ' (warm)'}`)
    const { emission } = sinks
    if (ranges.size === 0) isEmptyOwed = true
    const end = (outcome: 'succeeded' | 'failed', why: string): void => {
      run.outcome = outcome
      if (ranges.size === 0 && outcome === 'succeeded') isEmptyOwed = false
      trace.push(`X${run.id} ${outcome}${why}`)
    }
    runBatch(
      mutant.run ?? applyBatch,
      [session(run.id, run.container), query, batchOf(topic, ranges, slideMs), wallTimeMs(nowMs)],
      gatedEmission(emission, gates, run.id),
    ).then(
      () => end('succeeded', ''),
      (error: unknown) => end('failed', `: ${error instanceof Error ? error.message : String(error)}`),
    )
  }

  /** Partitions nobody works on, with the next ranges they may deliver. */
  const deliverable = (): readonly (readonly [string, readonly [number, number]])[] =>
    [...topic].flatMap(([tp, records]) => {
      const from = acked.get(tp) ?? 0
      const busy = runs.some(({ status, ranges }) => status === 'live' && ranges.has(tp))
      if (busy || from >= records.length) return []
      return [[tp, held.get(tp) ?? [from, Math.min(records.length, from + random.between(1, 4))]] as const]
    })
  const deliver = (free: ReturnType<typeof deliverable>): void => {
    const some = free.filter(() => random.chance(0.5))
    const ranges = new Map(some.length > 0 ? some : [random.pick(free)])
    for (const [tp, [, to]] of ranges) delivered.set(tp, Math.max(delivered.get(tp) ?? 0, to))
    start(ranges)
  }
  const giveUp = (run: Running): void => {
    for (const [tp, [from, to]] of run.ranges) {
      if (mutant.laterHalfFirst && to - from > 1) held.set(tp, [Math.floor((from + to) / 2), to])
    }
  }
  const acknowledge = (run: Running): void => {
    for (const [tp, [, to]] of run.ranges) {
      const isHalf = held.delete(tp)
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
      idle.push(run.container)
    }
  }
  const kill = (run: Running): void => {
    count.kills += 1
    run.status = 'dead'
    giveUp(run)
    const dropped = gates.drop(run.id)
    trace.push(`X${run.id} is killed before ${dropped.map(({ label }) => label).join(', ')}`)
    // What it had sent may still arrive.
    for (const operation of dropped) if (operation.kind === 'write' && random.chance(0.4)) late.push(operation.delay())
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
      const how = random.between(0, kind === 'write' ? 2 : 1)
      trace.push(`X${owner} ${label} -> ${['refused', 'answer lost', 'timed out, may arrive'][how]}`)
      if (how === 0) return operation.refuse()
      if (how === 1) return operation.lose()
      late.push(operation.delay())
      return
    }
    trace.push(`X${owner} ${label}`)
    await operation.pass()
  }
  const expire = (): void => {
    const expired = ledger.expire()
    count.expired += expired
    if (expired > 0) trace.push(`${expired} sealed groups expire`)
  }

  const findings = (violation: Violation | null): ScheduleResult => ({ violation, trace, ...count })
  for (;;) {
    await settled()
    reap()
    const seen = ledger.violation()
    if (seen !== null) return findings(seen)
    if (count.steps > maxSteps) throw new Error(`seed ${seed} does not end`)

    nowMs += random.between(0, 3)
    const live = runs.filter(({ status }) => status === 'live')
    const awake = gates.of((owner) => {
      const run = runs[owner]
      return run !== undefined && (run.status === 'live' || (run.status === 'zombie' && !run.asleep))
    })
    const free = deliverable()
    const inFlight = runs.some(({ status }) => status === 'live' || status === 'zombie') || late.length > 0
    // Sealed groups live longer than any delivered record can come back: all must be acknowledged (assumption A4).
    const comesBack = isEmptyOwed || [...delivered].some(([tp, to]) => to > (acked.get(tp) ?? 0))
    if (!inFlight && !comesBack && random.chance(0.3)) expire()

    const victim = live.length > 0 && faults > 0 && random.chance(0.05) ? random.pick(live) : undefined
    if (victim !== undefined) {
      faults -= 1
      if (random.chance(0.5)) kill(victim)
      else zombify(victim)
    } else if (policy === 'idle' && random.chance(0.02)) {
      start(new Map())
    } else if (free.length > 0 && (awake.length === 0 || random.chance(0.15))) {
      deliver(free)
    } else if (late.length > 0 && random.chance(0.1)) {
      await arrive(late, random, trace)
    } else if (awake.length > 0) {
      await step(random.pick(awake))
    } else if (late.length > 0) {
      await arrive(late, random, trace)
    } else {
      const sleepers = runs.filter(({ status, asleep }) => status === 'zombie' && asleep)
      if (sleepers.length === 0 && isClosed) break
      if (sleepers.length === 0) {
        // An event without records that was killed does not come again by itself: the next one does its work.
        isClosed = true
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
  return findings(endViolation(() => checkEnd({ topic, slideMs, mode, policy, ledger, sinks })))
}

function watermarkOf(policy: Policy, partitions: readonly string[], random: Random): WatermarkSpec {
  switch (policy) {
    case 'max':
      return { policy, delayMs }
    case 'min':
      return { policy, delayMs, partitions }
    case 'idle':
      return { policy: 'min', delayMs, partitions, idleTimeoutMs: random.between(10, 60) }
  }
}

async function arrive(late: (() => Promise<void>)[], random: Random, trace: string[]): Promise<void> {
  const [write] = late.splice(random.between(0, late.length - 1), 1)
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
