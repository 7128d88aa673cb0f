// What somebody does to the files of a service while a start runs on them. Who deletes the folder of the local data deletes the state
// that its functions count on, and would see that in no result: that ends the run. A changed definition counts from the next start on.
import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { dataOf } from './data.ts'
import type { Service } from './service.ts'

export interface ServiceWatch {
  /** Called once, with LocalError DATA_DELETED. */
  readonly fail: (error: LocalError) => void
  readonly notice: (line: string) => void
  /** @default 1_000 */
  readonly everyMs?: number
}

/**
 * @returns ends it
 * @example const stop = watchService(service, { fail: (error) => ending.abort(error), notice: console.error })
 */
export function watchService(service: Service, { fail, notice, everyMs = 1_000 }: ServiceWatch): () => void {
  const { startLock } = dataOf(service)
  let seen = writtenAt(service.definitionFile)
  const timer = setInterval(() => {
    if (!existsSync(startLock)) {
      clearInterval(timer)
      const problem = `${service.localDir} was deleted while start ran on it: its topics, offsets and state are gone`
      fail(new LocalError('DATA_DELETED', `${problem}. Start again, which begins anew; --fresh deletes it in order.`))
      return
    }
    const now = writtenAt(service.definitionFile)
    if (now === seen) return
    seen = now
    notice(`${basename(service.definitionFile)} was changed: what runs goes on as it was. Ctrl-C, and start again.`)
  }, everyMs)
  // A start that fails before anything runs must not be kept by it.
  timer.unref()
  return () => clearInterval(timer)
}

/** Undefined for the moment in which an editor has it replaced. */
const writtenAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs
