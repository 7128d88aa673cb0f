// Which invocation may begin now: one whose partitions are in none that is in flight or comes before it. Pure. So no partition is
// ever in two invocations, the order inside a partition is kept, and one that waits blocks its own partitions only.

export interface Schedulable {
  readonly partitions: readonly number[]
  /** Not before; a backoff. */
  readonly dueAtMs: number
}

export interface Schedule<P extends Schedulable> {
  readonly add: (pending: P) => void
  /** The first that may begin; it is in flight until `settle`. */
  readonly next: (nowMs: number) => P | undefined
  /** What was in flight has ended; its retries take its place. */
  readonly settle: (pending: P, retries: readonly P[]) => void
  /** When the next one that only waits for its time may begin. */
  readonly dueAtMs: () => number | undefined
  /** Whether any, waiting or in flight, has records of the partition. */
  readonly includes: (partition: number) => boolean
}

/** @example const schedule = createSchedule<PendingInvocation>(); schedule.add(pending); schedule.next(nowMs) // pending */
export function createSchedule<P extends Schedulable>(): Schedule<P> {
  let entries: Array<{ readonly pending: P; isInFlight: boolean }> = []

  /** Those that nothing before them blocks and that are not in flight, in order. */
  const unblocked = () => {
    const blocked = new Set<number>()
    return entries.filter(({ pending, isInFlight }) => {
      const isFree = !isInFlight && !pending.partitions.some((partition) => blocked.has(partition))
      for (const partition of pending.partitions) blocked.add(partition)
      return isFree
    })
  }

  return {
    add: (pending) => {
      entries.push({ pending, isInFlight: false })
    },
    next: (nowMs) => {
      const entry = unblocked().find(({ pending }) => pending.dueAtMs <= nowMs)
      if (entry !== undefined) entry.isInFlight = true
      return entry?.pending
    },
    settle: (pending, retries) => {
      entries = entries.flatMap((entry) =>
        entry.pending === pending ? retries.map((retry) => ({ pending: retry, isInFlight: false })) : [entry],
      )
    },
    dueAtMs: () => {
      const times = unblocked().map(({ pending }) => pending.dueAtMs)
      return times.length === 0 ? undefined : Math.min(...times)
    },
    includes: (partition) => entries.some(({ pending }) => pending.partitions.includes(partition)),
  }
}
