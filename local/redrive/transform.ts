// A module of the user's that mends records before they are sent again: its default export takes a record and gives it as it shall be,
// several, or none.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KafkaRow } from 'microbatch'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'

/** @throws LocalError COMMAND_INVALID naming the record */
export type Transform = (record: KafkaRow) => Promise<readonly KafkaRow[]>

/**
 * @throws LocalError COMMAND_INVALID where there is no such module, or it exports no function
 * @example (await loadTransform(path))(record)
 */
export async function loadTransform(path: string): Promise<Transform> {
  const file = resolve(path)
  if (!existsSync(file)) throw new LocalError('COMMAND_INVALID', `--transform: there is no ${file}.`)
  let transform: unknown
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href)
    transform = module.default
  } catch (error) {
    throw new LocalError('COMMAND_INVALID', `--transform ${path}: ${messageOf(error)}`, { cause: error })
  }
  if (typeof transform !== 'function') {
    throw new LocalError(
      'COMMAND_INVALID',
      `--transform ${path}: its default export is no function (record) => record.`,
    )
  }
  return async (record) => {
    const at = `${record.topic}-${record.partition}@${record.offset}`
    const fail = (problem: string, cause?: unknown) =>
      new LocalError('COMMAND_INVALID', `--transform ${path}: ${problem} for ${at}.`, { cause })
    let answer: unknown
    try {
      answer = await transform(record)
    } catch (error) {
      throw fail(`threw ${messageOf(error)}`, error)
    }
    const given: readonly unknown[] = Array.isArray(answer) ? answer : answer === undefined ? [] : [answer]
    return given.map((changed) => {
      const row = { ...record, ...Object(changed) }
      const [key, value] = [bytesOf(row.key), bytesOf(row.value)]
      if (key === undefined || value === undefined)
        throw fail('gave a key or value that is neither bytes, text nor null')
      return { ...row, key, value }
    })
  }
}

const bytesOf = (value: unknown): Buffer | null | undefined =>
  value === null
    ? null
    : typeof value === 'string'
      ? Buffer.from(value)
      : value instanceof Uint8Array
        ? Buffer.from(value)
        : undefined
