// What files hold that may be sent again: NDJSON, one document, or a list of them; a folder is all of its files, such as the objects of a
// bucket that were copied here.
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import {
  boundedLines,
  LongLineError,
  packingOf,
  unpacked,
} from 'serverless-offline-kafka-mapping/internal/recording/bounded-lines'
import { parseDocument } from './parse-document.ts'
import type { Redrivable } from './redrivable.ts'
import { unwrapped } from './unwrapped.ts'

const maxLineBytes = 64 * 1024 * 1024

export interface ReadItems {
  readonly items: readonly Redrivable[]
  /** Documents of another kind, by where they stand. */
  readonly others: readonly string[]
}

/**
 * @throws LocalError RECORDING_FAILED, RECORDING_INVALID naming file and line
 * @example (await readFiles('.local/dead-letters.ndjson')).items.length // 4
 */
export async function readFiles(path: string): Promise<ReadItems> {
  const items: Redrivable[] = []
  const others: string[] = []
  for (const file of filesOf(path)) {
    for await (const { value, where } of valuesOf(file)) {
      const before = items.length
      for (const document of unwrapped(value)) {
        const item = parseDocument(document, where)
        if (item !== undefined) items.push(item)
      }
      if (items.length === before) others.push(where)
    }
  }
  return { items, others }
}

function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
    return names
      .filter((name) => !basename(name).startsWith('.') && !name.endsWith('.redriven'))
      .map((name) => join(path, name))
      .filter((file) => statSync(file).isFile())
  } catch (error) {
    throw new LocalError('RECORDING_FAILED', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}

/** A line at a time; what is no JSON line by line is one document over all its lines. */
async function* valuesOf(file: string): AsyncGenerator<{ readonly value: unknown; readonly where: string }> {
  const name = basename(file)
  let whole: string[] | undefined
  let bytesHeld = 0
  try {
    const chunks = unpacked(createReadStream(file) as AsyncIterable<Buffer>, packingOf(file))
    for await (const { number, bytes } of boundedLines(chunks, maxLineBytes)) {
      const text = bytes.toString('utf8')
      const where = `${name}:${number}`
      if (whole === undefined && text.trim() !== '') {
        const value = parsed(text)
        // A line of a log is a text with JSON in it; the first line of a document alone is none.
        if (value === undefined && number === 1 && /^\s*[[{]/.test(text)) whole = []
        else yield { value: value ?? text, where }
      }
      if (whole === undefined) continue
      bytesHeld += bytes.length
      if (bytesHeld > maxLineBytes) throw new LongLineError(number)
      whole.push(text)
    }
  } catch (error) {
    if (error instanceof LocalError) throw error
    const code = error instanceof Error && 'syscall' in error ? 'RECORDING_FAILED' : 'RECORDING_INVALID'
    throw new LocalError(code, `${file}: ${messageOf(error)}`, { cause: error })
  }
  if (whole === undefined) return
  const value = parsed(whole.join('\n'))
  if (value === undefined) throw new LocalError('RECORDING_INVALID', `${file}:1: neither JSON nor a line of JSON each.`)
  yield { value, where: name }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
