// What was sent again, in a file beside what it was read from: begun before it is sent, done after. Nothing is sent twice by accident,
// and what a crash left between the two is known for it.
import { existsSync, readFileSync } from 'node:fs'
import { openLineFile } from 'serverless-offline-kafka-mapping/internal/recording/line-file'
import { z } from 'zod'

const Mark = z.object({ id: z.string(), state: z.enum(['begun', 'done', 'failed']), at: z.string(), to: z.string() })

export type Mark = z.output<typeof Mark>

export interface Ledger {
  /** The last mark of an item; undefined where it has none, or failed. */
  find(id: string): Mark | undefined
  /** @throws the system's error where it cannot be written */
  mark(id: string, state: Mark['state'], to: string): void
  close(): void
}

/** @example openLedger('dead-letters.ndjson.redriven').find(item.id)?.state // 'done' */
export function openLedger(path: string): Ledger {
  const marks = new Map<string, Mark>()
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  for (const line of text.split('\n')) {
    // A mark that was cut off says nothing: the one before it holds, and that errs on the safe side.
    const { success, data } = Mark.safeParse(jsonOr(line))
    if (success) marks.set(data.id, data)
  }
  let file: ReturnType<typeof openLineFile> | undefined
  return {
    find(id) {
      const mark = marks.get(id)
      return mark?.state === 'failed' ? undefined : mark
    },
    mark(id, state, to) {
      if (file === undefined) {
        file = openLineFile(path)
        if (text !== '' && !text.endsWith('\n')) file.append('')
      }
      const mark: Mark = { id, state, at: new Date().toISOString(), to }
      file.append(JSON.stringify(mark))
      marks.set(id, mark)
    },
    close: () => file?.close(),
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
