// Which piece of work may be sent now: one whose partitions are in no piece that is under way or comes before it. Pure. So
// no partition is ever in two invocations, order inside a partition holds, and a piece that waits blocks only its own.

export interface Schedulable {
  readonly partitions: readonly number[]
  /** Not before; a backoff. */
  readonly dueAtMs: number
}

export interface Schedule<W extends Schedulable> {
  readonly add: (work: W) => void
  /** The first piece that may start; it is under way until `settle`. */
  readonly next: (nowMs: number) => W | undefined
  /** What was under way has ended; `again` takes its place. */
  readonly settle: (work: W, again: readonly W[]) => void
  /** When the next piece that only waits for its time may start. */
  readonly dueAtMs: () => number | undefined
  /** Whether any piece, waiting or under way, has records of the partition. */
  readonly holds: (partition: number) => boolean
}

/** @example const schedule = createSchedule<Work>(); schedule.add(work); schedule.next(nowMs) // work */
export function createSchedule<W extends Schedulable>(): Schedule<W> {
  let entries: Array<{ readonly work: W; isUnderWay: boolean }> = []

  /** Those that nothing before them blocks and that are not under way, in order. */
  const unblocked = () => {
    const blocked = new Set<number>()
    return entries.filter(({ work, isUnderWay }) => {
      const isFree = !isUnderWay && !work.partitions.some((partition) => blocked.has(partition))
      for (const partition of work.partitions) blocked.add(partition)
      return isFree
    })
  }

  return {
    add: (work) => {
      entries.push({ work, isUnderWay: false })
    },
    next: (nowMs) => {
      const entry = unblocked().find(({ work }) => work.dueAtMs <= nowMs)
      if (entry !== undefined) entry.isUnderWay = true
      return entry?.work
    },
    settle: (work, again) => {
      entries = entries.flatMap((entry) =>
        entry.work === work ? again.map((next) => ({ work: next, isUnderWay: false })) : [entry],
      )
    },
    dueAtMs: () => {
      const times = unblocked().map(({ work }) => work.dueAtMs)
      return times.length === 0 ? undefined : Math.min(...times)
    },
    holds: (partition) => entries.some(({ work }) => work.partitions.includes(partition)),
  }
}
