// npm run chaos: the long proofs of exactness, which `npm test` runs a small part of. Schedules of the state protocol, the fast JSON
// reader against its definition, and the protocol on Amazon's DynamoDB Local in processes that are killed. Progress goes to standard
// error, a line for each proof to standard output; the first violation ends with status 1 and says what to look at.

import { parseArgs } from 'node:util'
import {
  compareFurtherReaders,
  compareReaders,
  randomFurtherText,
  randomText,
} from '../decode/plain-json-differential.ts'
import { checkConservation } from '../query/conservation/conservation.ts'
import { settings as conserved, settingAt } from '../query/conservation/queries.ts'
import { stateChaos } from '../services/state-chaos/chaos.ts'
import { type ChainName, chainPlans } from './chain-schedule/chain-query.ts'
import { runChainSchedule } from './chain-schedule/simulation.ts'
import { progressLine } from './progress-line.ts'
import { seeded } from './schedule/random.ts'
import { explained, settings } from './schedule/settings.ts'
import { runSchedule } from './schedule/simulation.ts'
import { versionsProof } from './versions/proof.ts'

const help = `npm run chaos [-- OPTIONS]

  --only PART       state: schedules of crashes, zombies, lost answers and redelivery, step by step over memory
                    chains: the same for the stateful operators, against what they give when nothing goes wrong
                    versions: queries that change over what they have kept, while containers of the version before run on
                    json: the fast JSON reader gives the rows of the strict one, over texts that are nearly right
                    conservation: whatever a record and the functions of a query are, it is a row, late, a dead letter or dropped
                    dynamodb: processes over DynamoDB Local, killed, throttled and cut off; needs Java 17, and Maven once
  --schedules N     how many schedules, over all settings             [10000]
  --chains N        how many schedules of each stateful operator      [2000]
  --versions N      how many schedules of each change of a query      [1000]
  --texts N         how many JSON texts                               [1000000]
  --mutated N       how many damaged records                          [1000000]
  --records N       how many records go through DynamoDB, each mode   [200000]
  --workers N       how many processes                                [8]
  --seed N          the first seed; printed, and another each time where it is not given
  --help            this text`

class UsageError extends Error {}

const parts = ['state', 'chains', 'versions', 'json', 'conservation', 'dynamodb'] as const

function optionsOf(words: readonly string[]) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: text,
      schedules: text,
      chains: text,
      versions: text,
      texts: text,
      mutated: text,
      records: text,
      workers: text,
      seed: text,
      help: { type: 'boolean' },
    },
  })
  const numberOf = (
    name: 'schedules' | 'chains' | 'versions' | 'texts' | 'mutated' | 'records' | 'workers' | 'seed',
    otherwise: number,
  ): number => {
    const number = Number(values[name] ?? otherwise)
    if (!Number.isSafeInteger(number) || number < 0)
      throw new UsageError(`--${name} is ${values[name]}: give a whole number.`)
    return number
  }
  const only = parts.filter((part) => values.only === undefined || part === values.only)
  if (only.length === 0) throw new UsageError(`--only is ${values.only}: give one of ${parts.join(', ')}.`)
  return {
    isHelp: values.help === true,
    only,
    schedules: numberOf('schedules', 10_000),
    chains: numberOf('chains', 2_000),
    versions: numberOf('versions', 1_000),
    texts: numberOf('texts', 1_000_000),
    mutated: numberOf('mutated', 1_000_000),
    records: numberOf('records', 200_000),
    workers: numberOf('workers', 8),
    seed: numberOf('seed', Math.floor(Date.now() / 1000) % 1_000_000_000),
  }
}

type Options = ReturnType<typeof optionsOf>

/** @throws Error with the seed and the trace of the first schedule that breaks an invariant */
async function stateProof({ schedules, seed }: Options): Promise<string> {
  const progress = progressLine('state', 'schedules', schedules)
  const seen = { steps: 0, kills: 0, zombies: 0, unclear: 0, rewinds: 0, late: 0 }
  for (let index = 0; index < schedules; index += 1) {
    const setting = settings[index % settings.length]
    if (setting === undefined) throw new RangeError('there are no settings')
    const plan = { seed: seed + Math.floor(index / settings.length), ...setting }
    const result = await runSchedule(plan)
    if (result.violation !== null) throw new Error(explained(plan, result))
    for (const what of ['steps', 'kills', 'zombies', 'unclear', 'rewinds', 'late'] as const) seen[what] += result[what]
    progress.show(index + 1)
  }
  return (
    `${schedules} schedules over ${settings.length} settings, no violation: ${seen.steps} steps, ${seen.kills} kills, ` +
    `${seen.zombies} zombies, ${seen.unclear} unclear calls, ${seen.rewinds} rewinds, ${seen.late} late; ${progress.end()}`
  )
}

/** @throws Error with the seed and the trace of the first schedule that breaks an invariant */
async function chainProof({ chains, seed }: Options): Promise<string> {
  const names = Object.keys(chainPlans) as ChainName[]
  const progress = progressLine('chains', 'schedules', chains * names.length)
  const seen = { steps: 0, kills: 0, zombies: 0, unclear: 0, rewinds: 0, late: 0 }
  for (let index = 0; index < chains * names.length; index += 1) {
    const name = names[index % names.length]
    if (name === undefined) throw new RangeError('there are no operators')
    const own = seed + Math.floor(index / names.length)
    const policy = own % 2 === 0 ? 'max' : 'min'
    const { violation, trace, ...result } = await runChainSchedule({ seed: own, name, policy })
    if (violation !== null) {
      throw new Error(`seed ${own}, ${name}, ${policy}: ${violation.message}\n${trace.join('\n')}`)
    }
    for (const what of ['steps', 'kills', 'zombies', 'unclear', 'rewinds', 'late'] as const) seen[what] += result[what]
    progress.show(index + 1)
  }
  return (
    `${chains} schedules of each of ${names.length} queries, no violation: ${seen.steps} steps, ${seen.kills} kills, ` +
    `${seen.zombies} zombies, ${seen.unclear} unclear calls, ${seen.rewinds} rewinds, ${seen.late} late; ${progress.end()}`
  )
}

/** @throws Error that names the text and both answers */
async function jsonProof({ texts, seed }: Options): Promise<string> {
  const progress = progressLine('json', 'texts', texts)
  const random = seeded(seed)
  let taken = 0
  for (let index = 0; index < texts; index += 1) {
    // Every other one is of the further types.
    const isTaken =
      index % 2 === 0 ? compareReaders(randomText(random)) : compareFurtherReaders(randomFurtherText(random))
    if (isTaken) taken += 1
    progress.show(index + 1)
  }
  return `${texts} texts, ${taken} of them taken by the fast reader, each as the strict one reads it; ${progress.end()}`
}

/** @throws Error that names the query, and how many records came in and went out */
async function conservationProof({ mutated, seed }: Options): Promise<string> {
  const progress = progressLine('conservation', 'records', mutated)
  const random = seeded(seed)
  const seen: Record<string, number> = {}
  for (let index = 0, done = 0; done < mutated; index += 1) {
    const ends = await checkConservation(settingAt(index), random.between(1, 400), 5, random)
    for (const [end, count] of Object.entries(ends)) seen[end] = (seen[end] ?? 0) + count
    done = seen.records ?? 0
    progress.show(done)
  }
  const { records, ...others } = seen
  const ends = Object.entries(others).map(([end, count]) => `${count} ${end}`)
  return `${records} records over ${conserved.length} queries, each with one end: ${ends.join(', ')}; ${progress.end()}`
}

/** @throws Error that names the bar, and the folder of what the sinks were given */
async function dynamodbProof(mode: 'append' | 'update', { records, workers, seed }: Options): Promise<string> {
  const progress = progressLine(`dynamodb, ${mode}`, 'records', records)
  const shards = mode === 'append' ? 1 : 3
  const result = await stateChaos({ mode, shards, records, workers, seed, onProgress: progress.show })
  const failed = [...result.failed].map(([code, count]) => `${count} ${code}`).join(', ') || 'none'
  return (
    `${records} records in ${workers} processes, ${shards} ${shards === 1 ? 'shard' : 'shards'}: ${result.ids} bars exact in ` +
    `${result.rows} rows; ${result.acknowledged} batches, failed: ${failed}; ${result.kills} kills, ${result.givenUp} given ` +
    `up, ${result.rewinds} rewinds, ${result.faults} faults of the network; ${progress.end()}`
  )
}

async function main(words: readonly string[]): Promise<void> {
  const options = optionsOf(words)
  if (options.isHelp) return console.log(help)
  console.error(`seed ${options.seed}`)
  const { only } = options
  if (only.includes('state')) console.log(`state: ${await stateProof(options)}`)
  if (only.includes('chains')) console.log(`chains: ${await chainProof(options)}`)
  if (only.includes('versions')) console.log(`versions: ${await versionsProof(options.versions, options.seed)}`)
  if (only.includes('json')) console.log(`json: ${await jsonProof(options)}`)
  if (only.includes('conservation')) console.log(`conservation: ${await conservationProof(options)}`)
  if (!only.includes('dynamodb')) return
  for (const mode of ['append', 'update'] as const)
    console.log(`dynamodb, ${mode}: ${await dynamodbProof(mode, options)}`)
}

const isUsage = (error: unknown): boolean =>
  error instanceof UsageError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  if (isUsage(error)) console.error(`\n${help}`)
  process.exitCode = isUsage(error) ? 2 : 1
})
