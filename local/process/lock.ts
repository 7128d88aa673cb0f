// One holder at a time for a thing on this machine, across processes. The lock is SQLite's on an open file, so the kernel
// gives it back when its holder dies, however it dies: there is no stale lock to detect. Who holds it is written beside it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Lock {
  release(): void
}

/**
 * Takes the lock at `path`, or says who has it.
 * @returns the lock, or `{ heldBy }`: the holder's own words (its pid first), as it wrote them when it took it
 * @example const lock = tryLock('.local/start.lock', `pid ${process.pid}`)
 */
export function tryLock(path: string, holder: string): Lock | { readonly heldBy: string } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = new DatabaseSync(path)
  try {
    file.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if (!isBusy(error)) throw error
    return { heldBy: readHolder(path) }
  }
  writeFileSync(`${path}.holder`, holder, { mode: 0o600 })
  return { release: () => file.close() }
}

/** Who has the lock at `path`, in the holder's own words; undefined when nobody does. Looking takes it for a moment. */
export function lockHolder(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const file = new DatabaseSync(path)
  try {
    file.exec('BEGIN EXCLUSIVE')
    return undefined
  } catch (error) {
    if (!isBusy(error)) throw error
    return readHolder(path)
  } finally {
    file.close()
  }
}

/** Waits for the lock, looking again every `everyMs`; `onWait` is called once, with the holder, when it has to. */
export async function waitForLock(
  path: string,
  holder: string,
  onWait: (heldBy: string) => void,
  everyMs = 200,
): Promise<Lock> {
  let told = false
  for (;;) {
    const lock = tryLock(path, holder)
    if ('release' in lock) return lock
    if (!told) onWait(lock.heldBy)
    told = true
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** SQLITE_BUSY (5): https://www.sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}

function readHolder(path: string): string {
  try {
    return readFileSync(`${path}.holder`, 'utf8')
  } catch {
    return 'another process' // it holds the lock and has not yet written its name
  }
}
