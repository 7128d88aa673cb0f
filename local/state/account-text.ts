// Kept state in words and columns, for a person. Pure.
import type { KeptLine, StateAccount } from 'microbatch/state'
import { aligned } from '../cli/aligned.ts'
import { count, number } from '../replay/progress-line.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** @example timeText(15_000) // '1970-01-01T00:00:15.000Z' */
export const timeText = (epochMs: number | null): string => {
  if (epochMs === null) return '-'
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString()
}

const groupsIn = ({ shards }: StateAccount): number => sum(shards.map(({ groups }) => groups))
const entriesIn = ({ shards }: StateAccount): number => sum(shards.flatMap(({ entries }) => entries))
const bytesIn = ({ shards }: StateAccount): number => sum(shards.map(({ bytes }) => bytes))

/** A line for each query. */
export function accountTable(accounts: readonly StateAccount[]): readonly string[] {
  const header = ['QUERY', 'MODE', 'SHARDS', 'BATCHES', 'GROUPS', 'ENTRIES', 'BYTES', 'WATERMARK', 'LAST BATCH']
  const rows = accounts.map((account) => [
    account.query,
    account.fingerprint.outputMode ?? '-',
    String(account.shards.length),
    number(account.batches),
    number(groupsIn(account)),
    number(entriesIn(account)),
    number(bytesIn(account)),
    timeText(account.watermarkMs),
    timeText(account.lastBatchAtMs),
  ])
  return aligned([header, ...rows])
}

/** All of one query. @param nowMs epoch milliseconds */
export function accountText(account: StateAccount, nowMs: number): readonly string[] {
  const { query, gen, batches, watermarkMs, closedMs, lastBatchAtMs, lateRows, deadLetters, shards } = account
  const seconds = Math.round((nowMs - lastBatchAtMs) / 1000)
  const facts = [
    ['batches', `${number(batches)}, the last ${number(seconds)} s ago (${timeText(lastBatchAtMs)})`],
    ['watermark', `${timeText(watermarkMs)}${closedMs === null ? '' : `; closed up to ${timeText(closedMs)}`}`],
    ['late rows', `${number(lateRows)}; dead letters ${number(deadLetters)}`],
    ['generation', gen],
    ...Object.entries(account.fingerprint).filter(([, value]) => value !== ''),
  ]
  return [
    `${query}: ${count(groupsIn(account), 'group', 'groups')}, ${count(entriesIn(account), 'entry', 'entries')} of operators, ${number(bytesIn(account))} bytes`,
    ...aligned(facts.map(([name = '', value = '']) => [`  ${name}`, value])),
    '',
    ...aligned([
      ['PARTITION', 'NEXT', 'APPLIED', 'LATEST EVENT TIME', 'LAST HEARD'],
      ...account.partitions.map(({ tp, nextOffset, appliedOffset, maxEventTimeMs, heardAtMs }) => [
        ...[tp, String(nextOffset), String(appliedOffset ?? '-'), timeText(maxEventTimeMs), timeText(heardAtMs)],
      ]),
    ]),
    '',
    ...aligned([
      ['SHARD', 'GROUPS', 'OPEN', 'WINDOWS', 'ENTRIES', 'OWED', 'SEGMENTS', 'BYTES', 'APPENDS', 'BOUND'],
      ...shards.map((shard) => [
        ...[shard.shard, shard.groups, shard.openGroups, shard.openWindows, sum(shard.entries)].map(number),
        ...[shard.owedRows, shard.segments, shard.bytes, shard.appends].map(number),
        timeText(shard.boundMs),
      ]),
    ]),
  ]
}

/** What lies under a key. */
export const linesText = (lines: readonly KeptLine[]): readonly string[] =>
  aligned([
    ['KIND', 'KEY', 'END', 'VALUE'],
    ...lines.map(({ kind, slot, key, endMs, value }) => [
      kind === 'entry' ? `entry of operator ${slot}` : kind,
      ...[key, timeText(endMs), value],
    ]),
  ])
