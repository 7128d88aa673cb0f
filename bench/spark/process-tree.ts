// What a process and all that it started use, from /proc: the CPU seconds of each, as last seen, and the most memory that they had
// together. Linux only.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryOf } from './process-memory.ts'

export interface Usage {
  readonly cpuSeconds: number
  readonly peakMb: number
}

/** getconf CLK_TCK, and the page size, on every Linux that Node runs on with pages of 4 kB. */
const ticksPerSecond = 100
const pageBytes = 4096
const sampleMs = 100
/** Counting the pages of a process holds up its own allocations: at most so much of the time goes into it. */
const shareOfCounting = 0.02

/**
 * Watches until stopped.
 * @param roots process ids; their children are found
 * @example const watch = watchProcesses([child.pid]); …; const { cpuSeconds, peakMb } = await watch.stop()
 */
export function watchProcesses(roots: readonly number[]): { stop(): Promise<Usage> } {
  const cpu = new Map<number, number>()
  let peakBytes = 0
  let countFromMs = 0
  const stopped = new AbortController()
  const sample = () => {
    const tree = treeOf(roots)
    for (const { pid, cpuTicks } of tree) cpu.set(pid, cpuTicks)
    const resident = tree.reduce((total, { residentPages }) => total + residentPages * pageBytes, 0)
    const beganMs = performance.now()
    // The sum of the resident sets has what is shared more than once, so that it is no less than what is counted.
    if (resident <= peakBytes || beganMs < countFromMs) return
    peakBytes = Math.max(peakBytes, memoryOf(tree.map(({ pid }) => pid)))
    const endedMs = performance.now()
    countFromMs = endedMs + (endedMs - beganMs) / shareOfCounting
  }
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      sample()
      await delay(sampleMs)
    }
  })()
  return {
    async stop() {
      sample()
      stopped.abort()
      await watching
      const ticks = [...cpu.values()].reduce((total, each) => total + each, 0)
      return { cpuSeconds: ticks / ticksPerSecond, peakMb: peakBytes / 2 ** 20 }
    },
  }
}

interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly cpuTicks: number
  readonly residentPages: number
}

function treeOf(roots: readonly number[]): readonly ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined)
  const found = new Set(roots)
  // A child's id may be lower than its parent's once ids have wrapped around: until nothing is new.
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid)
  }
  return all.filter(({ pid }) => found.has(pid))
}

/** proc(5): after the name in brackets, field 2 is the parent, 12 and 13 the CPU, 22 the resident pages. */
function statOf(pid: number): ProcessStat | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined // It has ended.
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (index: number) => Number(fields[index])
  return { pid, parent: field(1), cpuTicks: field(11) + field(12), residentPages: field(21) }
}
