// Conservation: each record ends as exactly one of a row, late, a dead letter, dropped by a policy, left out by a function that
// means it, or without an event time where there must be one. Batches come again, sinks fail, containers end.

import type { KafkaRow } from '../../../lib/event/kafka-row.ts'
import { rowId } from '../../../lib/event/located-row.ts'
import { MicrobatchError, type Sink, type StreamingQueryProgress } from '../../../lib/index.ts'
import { microBatch } from '../../../lib/query/run/micro-batch.ts'
import type { DeadLetter } from '../../../lib/sink/dead-letter.ts'
import { stateContainer } from '../../../lib/state/protocol/container.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import type { Random } from '../../state/schedule/random.ts'
import { queryOf, type Setting, theEnd } from './queries.ts'
import { randomTimestamp, randomValue } from './records.ts'

export interface Ends {
  records: number
  rows: number
  late: number
  dead: number
  dropped: number
  leftOut: number
  untimed: number
  /** Records that stopped a batch under the policy `fail`, and were taken out. */
  stopped: number
}

const partitions = 2
/** After every time of the calendar that a window can be in: it closes all of them. */
const lastMs = 253_402_300_799_999
const isDown = new Error('the sink is down')

/**
 * Some batches of one setting.
 * @throws Error where a record has no end, or two; and whatever a batch fails with that is not asked for
 */
export async function checkConservation(
  setting: Setting,
  size: number,
  batches: number,
  random: Random,
): Promise<Ends> {
  const ends: Ends = { records: 0, rows: 0, late: 0, dead: 0, dropped: 0, leftOut: 0, untimed: 0, stopped: 0 }
  const leftOut = new Set<number>()
  const groups = new Map<string, { readonly n: number; readonly version: number }>()
  const rows = new Set<string>()
  const late = new Set<string>()
  const dead = new Map<string, DeadLetter>()
  const isGrouped = setting.shape !== 'tape' && setting.shape !== 'mapped'
  const sink: Sink<object> = {
    description: 'failing',
    async write(batch) {
      if (random.chance(0.1)) throw isDown
      for (const { id, row, version = 0 } of batch.rows) {
        if (!isGrouped) rows.add(id)
        else if (version >= (groups.get(id)?.version ?? 0)) groups.set(id, { n: (row as { n: number }).n, version })
      }
    },
  }
  const query = queryOf(setting, sink, leftOut)
  const state = memoryState()
  const container = () =>
    microBatch(query, {
      deadLetters: {
        async send(letters) {
          for (const letter of letters) dead.set(letter.id, letter)
        },
      },
      remainingMs: () => Number.POSITIVE_INFINITY,
      now: () => 1_767_623_400_000,
      container: stateContainer(state),
      partitions,
      shards: 1 + (size % 3),
    })
  let running = container()
  const nextOffsets = new Array<number>(partitions).fill(0)
  const record = (value: Buffer | null): KafkaRow => {
    const partition = random.between(0, partitions - 1)
    const offset = nextOffsets[partition] ?? 0
    nextOffsets[partition] = offset + 1
    const timestamp = randomTimestamp(random)
    return { topic: 't', partition, offset, timestamp, timestampType: 0, key: null, value, headers: [] }
  }
  const note = (progress: StreamingQueryProgress): void => {
    ends.dropped += progress.numDroppedMalformed
    if (isGrouped) ends.untimed += progress.numRowsWithoutEventTime
  }

  /** Delivers as a mapping does: the same batch until it succeeds; a record that stops it is taken out, as an operator would. */
  async function deliver(given: readonly KafkaRow[]): Promise<void> {
    let records = given
    for (;;) {
      try {
        const result = await running.run({ kind: 'records', records })
        for (const { at } of result.late) late.add(rowId(at))
        return note(result.progress)
      } catch (error) {
        if (random.chance(0.3)) running = container()
        if (error instanceof Error && error.cause === isDown) continue
        const at = error instanceof MicrobatchError && error.code === 'RECORD_MALFORMED' ? error.at : null
        if (setting.policy !== 'fail' || at === null) throw error
        records = records.filter(({ partition, offset }) => partition !== at.partition || offset !== at.offset)
        ends.stopped += 1
        if (records.length === 0) return
      }
    }
  }

  for (let batch = 0; batch < batches; batch += 1) {
    await deliver(Array.from({ length: size }, () => record(randomValue(random))))
    ends.records += size
  }
  if (setting.shape === 'append') {
    // Every partition must have gone on for a window to close.
    const end = Buffer.from(JSON.stringify({ text: theEnd, number: 0.5, whole: 1, small: 1, flag: true, at: lastMs }))
    for (let partition = 0; partition < partitions; partition += 1) {
      const last = { ...record(end), partition, offset: 1e6 }
      for (const offset of [1e6, 1e6 + 1]) await deliver([{ ...last, offset }])
      ends.records += 2
    }
    ends.rows += 4
  }

  ends.rows += rows.size
  for (const { n } of groups.values()) ends.rows += n
  ends.late = late.size
  ends.dead = dead.size
  ends.leftOut = leftOut.size
  const { records, ...others } = ends
  const sum = Object.values(others).reduce((total, number) => total + number, 0)
  if (sum !== records)
    throw new Error(
      `${JSON.stringify(setting)}: ${records} records came in, ${sum} went out: ${JSON.stringify(others)}`,
    )
  for (const { id, reason } of dead.values()) {
    if (rows.has(id) || late.has(id))
      throw new Error(`${JSON.stringify(setting)}: ${id} is a row, or late, and ${reason}`)
  }
  return ends
}
