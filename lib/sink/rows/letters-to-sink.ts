// Dead letters to a sink of rows: each letter is a row with its reason, its place and its bytes, so that whatever takes the rows of
// a query takes its bad records too.

import { createHash } from 'node:crypto'
import { array, map } from '../../decode/columns.ts'
import { binary, long, string, struct, timestamp } from '../../decode/schema.ts'
import type { DeadLetter, DeadLetterSink } from '../dead-letter.ts'
import type { OversizedRow, Sink, SinkBatch } from '../sink.ts'

/** The row of a dead letter. Bytes are binary; `timestamp` is null where the record has none. */
export interface DeadLetterRow {
  readonly id: string
  readonly query: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly index: number | null
  readonly timestamp: number | null
  readonly reason: string
  readonly detail: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly ReadonlyMap<string, Buffer | null>[]
}

const { columns } = struct({
  id: string(),
  query: string(),
  topic: string(),
  partition: long(),
  offset: long(),
  index: long().nullable(),
  timestamp: timestamp().nullable(),
  reason: string(),
  detail: string(),
  key: binary().nullable(),
  value: binary().nullable(),
  headers: array(map(binary().nullable())),
})

/**
 * Sends dead letters to a sink: a topic, a table, files. At least once, a letter under one id. The sink is opened when the first
 * letter comes. A letter that is larger than what the sink's place takes is cut: its detail says how long what was cut is, and its digest.
 *
 * @param options isEphemeral where the sink ends with the container, as a file does: Lambda refuses it then
 * @example kafkaHandler(tapeQuery, { deadLetters: deadLettersTo(kafkaSink({ topic: 'bad-ticks', connection })) })
 */
export function deadLettersTo(
  sink: Sink<DeadLetterRow>,
  { isEphemeral = sink.isEphemeral === true }: { readonly isEphemeral?: boolean } = {},
): DeadLetterSink {
  let opened: Promise<void> | undefined
  let number = 0
  return {
    isEphemeral,
    async send(letters) {
      const [first] = letters
      if (first === undefined) return
      opened ??= Promise.resolve(sink.open?.())
      try {
        await opened
      } catch (error) {
        opened = undefined
        throw error
      }
      const batch: SinkBatch<DeadLetterRow> = {
        query: first.query,
        key: keyOf(letters),
        number,
        outputMode: 'append',
        columns,
        rows: letters.map((letter) => ({ row: rowOf(letter), id: letter.id })),
      }
      await sink.write(batch, {
        remainingMs: () => Number.POSITIVE_INFINITY,
        // A letter that could not be set aside would stop its stream for ever.
        setAside: (rows) => sink.write({ ...batch, key: `${batch.key} cut`, rows: rows.map(shortened) }),
      })
      number += 1
    },
  }
}

/** The same letters together have the same key, and never that of the batch that they are of. */
function keyOf(letters: readonly DeadLetter[]): string {
  const ids = letters.map(({ id }) => id).sort()
  return `dead letters ${createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 32)}`
}

const rowOf = ({ index, timestamp, headers, ...letter }: DeadLetter): DeadLetterRow => ({
  ...letter,
  index: index ?? null,
  timestamp: timestamp < 0 ? null : timestamp,
  headers: headers.map(({ key, value }) => new Map([[key, value]])),
})

/** Longer ones of these are cut first; half of what the place takes is for the value, which may be written as base64. */
const maxKeyBytes = 512
const maxTextLength = 1024

function shortened({ emitted: { id, row }, maxBytes }: OversizedRow): {
  readonly id: string
  readonly row: DeadLetterRow
} {
  const letter = row as DeadLetterRow
  const parts = { key: cut(letter.key, maxKeyBytes), value: cut(letter.value, Math.floor(maxBytes / 2)) }
  const said = Object.entries(parts).flatMap(([name, { cut: whole }]) =>
    whole === '' ? [] : `the ${name} had ${whole}`,
  )
  const without = letter.headers.length === 0 ? [] : [`${letter.headers.length} headers were left out`]
  const detail = `${letter.detail.slice(0, maxTextLength)} (cut: ${[...said, ...without].join('; ')})`
  return { id, row: { ...letter, key: parts.key.kept, value: parts.value.kept, headers: [], detail } }
}

function cut(bytes: Buffer | null, maxBytes: number): { readonly kept: Buffer | null; readonly cut: string } {
  if (bytes === null || bytes.length <= maxBytes) return { kept: bytes, cut: '' }
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { kept: bytes.subarray(0, maxBytes), cut: `${bytes.length} bytes, SHA-256 ${digest}` }
}
