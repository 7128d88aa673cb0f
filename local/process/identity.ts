// Which process is behind a pid. A pid in a file may have been given to another process since: before we end one we look
// at its command line. Linux answers from /proc, others through ps.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whether a process with this pid exists (it may be another user's). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The command line behind a pid, arguments joined by spaces; undefined when there is none or it may not be read. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      return text === '' ? undefined : text
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined // gone, or not ours to see
  }
}
