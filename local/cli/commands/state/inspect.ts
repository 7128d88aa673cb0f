// `microbatch state inspect`: which queries a table keeps something of; all of one; what lies under a key.
import { accountOf, linesWithKey, readKeptState, type StateAccount, unfinishedSince } from 'microbatch/state'
import { parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { accountTable, accountText, linesText, timeText } from '../../../state/account-text.ts'
import type { StatePlace } from '../../../state/place.ts'
import { jsonText } from '../../json-text.ts'
import { sharedOptions } from '../../options.ts'
import { say } from '../../say.ts'
import { placeOptions } from './options.ts'
import { keptOf, withState } from './shared.ts'

const inspectOptions = {
  key: { type: 'string', value: 'KEY', help: 'what lies under a key, as it is kept, or under one column of it' },
  json: { ...sharedOptions.json, help: 'a line of JSON for each query, or for each thing under the key' },
  ...placeOptions,
} as const

export async function inspect(words: readonly string[]): Promise<number> {
  const isOne = words[0] !== undefined && !words[0].startsWith('-')
  const { values, words: given } = parseWords('state inspect', isOne ? ['NAME'] : [], inspectOptions, words)
  const [name] = given
  return withState(values, async ({ place }) => {
    if (name === undefined) {
      const accounts = await allAccounts(place)
      for (const line of values.json ? accounts.map(jsonText) : accountTable(accounts)) console.log(line)
      return 0
    }
    const unfinished = await unfinishedSince(place.store, name)
    if (unfinished !== undefined) say(`A writing of ${name} began at ${timeText(unfinished)} and has not ended.`)
    const kept = await keptOf(place, name)
    if (values.key === undefined) {
      const account = accountOf(kept)
      for (const line of values.json ? [jsonText(account)] : accountText(account, Date.now())) console.log(line)
      return 0
    }
    const lines = [...linesWithKey(kept, values.key)]
    for (const line of values.json ? lines.map(jsonText) : linesText(lines)) console.log(line)
    return lines.length === 0 ? 1 : 0
  })
}

/** What cannot be read is said, and does not hide the others. */
async function allAccounts({ queries, store }: StatePlace): Promise<readonly StateAccount[]> {
  const accounts: StateAccount[] = []
  for (const name of await queries()) {
    try {
      const kept = await readKeptState(store, name)
      if (kept !== undefined) accounts.push(accountOf(kept))
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'MicrobatchError') throw error
      say(`WARN  ${name}: ${error.message}`)
    }
  }
  return accounts
}
