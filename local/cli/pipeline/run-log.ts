// The log file of one run: what the offline child says and the terminal does not show. One file a run, the last five kept.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keptLines } from './kept-lines.ts'

export interface RunLog {
  readonly file: string
  write(line: string): void
}

const keptFiles = 5

/** @example const log = openRunLog('.local/log', new Date()) */
export function openRunLog(dir: string, startedAt: Date): RunLog {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const old = readdirSync(dir).filter((name) => /^start-.*\.ndjson$/.test(name))
  for (const name of old.sort().slice(0, Math.max(0, old.length - keptFiles + 1))) rmSync(join(dir, name))
  const file = join(dir, `start-${startedAt.toISOString().replaceAll(/[:.]/g, '')}.ndjson`)
  return { file, write: keptLines(file) }
}
