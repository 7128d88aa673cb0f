// What the handlers printed, kept: `microbatch verify` compares the last bars in it with the topic. One file in the life of the
// local data, appended to by each start and deleted by --fresh. Not bounded: it grows as the topic does, which is kept too.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { keptLines } from './kept-lines.ts'

export interface TableLog {
  write(line: string): void
}

/** @example const tables = openTableLog('.local/log/tables.txt'); tables.write('+------+') */
export function openTableLog(file: string): TableLog {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return { write: keptLines(file) }
}
