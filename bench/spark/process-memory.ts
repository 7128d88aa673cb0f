// The memory of some processes together, from /proc/PID/smaps: what each has for itself, and of each file that they map, such as the
// text of node or of the JVM's libraries, the pages once, however many of them map it. Linux only.
//
// A sum of resident sets would count the 60 MB of node's own text for each of its processes; a sum of the kernel's proportional sets
// would leave to others of the machine, such as the bench itself, their share of it.

import { readFileSync } from 'node:fs'

/** @returns bytes; a process that has ended, or is somebody else's, has none */
export function memoryOf(pids: readonly number[]): number {
  const files = new Map<string, number>()
  let own = 0
  for (const pid of pids)
    for (const { file, resident, proportional, anonymous } of mappingsOf(pid)) {
      if (file === undefined) {
        own += proportional // Pages that a fork left shared are counted once.
        continue
      }
      own += anonymous
      files.set(file, Math.max(files.get(file) ?? 0, resident - anonymous))
    }
  return [...files.values()].reduce((total, bytes) => total + bytes, own)
}

interface Mapping {
  /** Device, inode and offset; undefined where it is no file's. */
  readonly file: string | undefined
  readonly resident: number
  readonly proportional: number
  /** What was written to of it, which is the process's own from then on. */
  readonly anonymous: number
}

/** proc(5): a line with the addresses, `r-xp`, the offset, the device and the inode, then what it holds, in kB. */
const heading = /^[\da-f]+-[\da-f]+ \S+ ([\da-f]+) ([\da-f]+:[\da-f]+) (\d+)/

function mappingsOf(pid: number): readonly Mapping[] {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/smaps`, 'utf8')
  } catch {
    return []
  }
  return text.split(/\n(?=[\da-f]+-[\da-f]+ )/).map((mapping) => {
    const [, offset, device, inode] = heading.exec(mapping) ?? []
    const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(mapping)?.[1] ?? 0) * 1024
    return {
      file: inode === undefined || inode === '0' ? undefined : `${device} ${inode} ${offset}`,
      resident: bytes('Rss'),
      proportional: bytes('Pss'),
      anonymous: bytes('Anonymous'),
    }
  })
}
