// Where things are read that may be sent again, by the word that names it: a file or folder, the URL of an SQS queue, or a topic as
// `kafka:NAME`; and where it is written down that they were.
import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { openQueue } from 'serverless-offline-kafka-mapping/internal/destination/queue-reader'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type CliSettings, kafkaOf } from '../cli/service/settings.ts'
import { rangesOf } from '../kafka/offset-range.ts'
import { openTopic } from '../kafka/topic-reader.ts'
import { parseDocument } from './parse-document.ts'
import { type ReadItems, readFiles } from './read-files.ts'
import type { Redrivable } from './redrivable.ts'
import { unwrapped } from './unwrapped.ts'

export interface OpenItems extends ReadItems {
  /** The file of marks. */
  readonly ledger: string
  /** When an item is done with: a message leaves its queue. */
  readonly done: (item: Redrivable) => Promise<void>
  readonly close: () => Promise<void>
}

/** More than a person looks through. */
const maxMessages = 10_000

/**
 * @throws LocalError COMMAND_INVALID, RECORDING_FAILED, RECORDING_INVALID, REMOTE_REFUSED, KAFKA_UNAVAILABLE
 * @example (await openItems('.local/dead-letters.ndjson', settings, service.localDir)).items
 */
export async function openItems(word: string, settings: CliSettings, localDir: string): Promise<OpenItems> {
  const elsewhere = {
    ledger: join(localDir, 'redriven.ndjson'),
    close: async () => undefined,
    done: async () => undefined,
  }
  if (word.startsWith('kafka:')) return { ...elsewhere, ...(await readTopic(word.slice('kafka:'.length), settings)) }
  if (/^https?:\/\//.test(word)) return { ...elsewhere, ...(await readQueue(word, settings)) }
  const path = resolve(word)
  if (!existsSync(path)) {
    throw new LocalError(
      'COMMAND_INVALID',
      `redrive: there is no ${path}. A queue is named by its URL, a topic as kafka:NAME.`,
    )
  }
  const ledger = statSync(path).isDirectory() ? join(path, '.redriven') : `${path}.redriven`
  return { ...elsewhere, ledger, ...(await readFiles(path)) }
}

function itemsIn(text: string, where: string): readonly Redrivable[] {
  return [...unwrapped(text)].flatMap((document) => parseDocument(document, where) ?? [])
}

/** An on-failure topic, or one of dead letters: a document in each record. */
async function readTopic(topic: string, settings: CliSettings): Promise<ReadItems> {
  const items: Redrivable[] = []
  const others: string[] = []
  const reader = await openTopic({ ...kafkaOf(settings), topic })
  try {
    const ranges = await rangesOf(reader, { kind: 'earliest' }, { kind: 'latest' })
    await reader.read(ranges, (records) => {
      for (const { partition, offset, value } of records) {
        const where = `${topic}-${partition}@${offset}`
        const found = itemsIn(value?.toString('utf8') ?? '', where)
        items.push(...found)
        if (found.length === 0) others.push(where)
      }
    })
  } finally {
    await reader.close()
  }
  return { items, others }
}

async function readQueue(url: string, settings: CliSettings): Promise<Omit<OpenItems, 'ledger'>> {
  const queue = await openQueue(url, settings.allowedHosts).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    const remedy = 'npm install --save-dev @aws-sdk/client-sqs'
    throw new LocalError('COMMAND_INVALID', `a queue is read by @aws-sdk/client-sqs: ${remedy}`, { cause: error })
  })
  const messages = await queue.read(maxMessages).catch(async (error: unknown) => {
    await queue.close()
    throw new LocalError('COMMAND_INVALID', `the queue ${url} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  const name = basename(new URL(url).pathname)
  const found = messages.map((message) => ({ message, items: itemsIn(message.body, `${name} ${message.id}`) }))
  const left = new Map(found.map(({ message, items }) => [message, items.length]))
  return {
    items: found.flatMap(({ items }) => items),
    others: found.filter(({ items }) => items.length === 0).map(({ message }) => `${name} ${message.id}`),
    // A message leaves when all that was in it is done.
    async done(item) {
      const from = found.find(({ items }) => items.includes(item))
      if (from === undefined) return
      const rest = (left.get(from.message) ?? 0) - 1
      left.set(from.message, rest)
      if (rest === 0) await from.message.remove()
    },
    close: () => queue.close(),
  }
}
