// How far a replay was when it was ended, in a file of the local data: a later run goes on from there. It is gone when a replay has
// come to its end.
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { OffsetRange } from '../kafka/offset-range.ts'

export interface Position {
  /** Batches that are done. */
  readonly numDone: number
  /** Where the last of them stands. */
  readonly where: string
  /** The range of a topic, whose end may have been elsewhere then: the same batches come from the same range. */
  readonly ranges?: readonly OffsetRange[] | undefined
}

export interface PositionFile {
  /** Undefined where there is none, or where it is of another replay. */
  read(): Position | undefined
  write(position: Position): void
  remove(): void
}

const offset = z.number().int().min(0)
const Written = z.object({
  key: z.string(),
  numDone: offset,
  where: z.string(),
  ranges: z.array(z.object({ partition: offset, from: offset, to: offset })).optional(),
})

/**
 * @param key names what is replayed, how it is cut and where it goes
 * @example positionFile(service.localDir, key).write({ numDone: 17, where: 'line 18' })
 */
export function positionFile(localDir: string, key: string): PositionFile {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16)
  const path = join(localDir, `replay-${name}.json`)
  return {
    read() {
      try {
        const { success, data } = Written.safeParse(JSON.parse(readFileSync(path, 'utf8')))
        return success && data.key === key ? data : undefined
      } catch {
        return undefined
      }
    },
    write: (position) => writeFileSync(path, JSON.stringify({ key, ...position }), { mode: 0o600 }),
    remove: () => rmSync(path, { force: true }),
  }
}
