// `microbatch state`: what queries keep, looked at, taken elsewhere, put under another name, and removed. Each action is loaded when it is
// asked for; what changes anything says first what it would do.
import type { Command } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { helpText, sharedOptions } from '../../options.ts'
import { applyOptions, placeOptions } from './options.ts'

type Action = (words: readonly string[]) => Promise<number>

const actions: ReadonlyMap<string, () => Promise<Action>> = new Map([
  ['inspect', async () => (await import('./inspect.ts')).inspect],
  ['export', async () => (await import('./archive.ts')).exportState],
  ['import', async () => (await import('./archive.ts')).importState],
  ['copy', async () => (await import('./move.ts')).copyState],
  ['rename', async () => (await import('./move.ts')).renameState],
  ['reset', async () => (await import('./move.ts')).resetKeptState],
])

export const stateCommand: Command = {
  name: 'state',
  summary: 'what queries keep: inspect, export, import, copy, rename, reset',
  help: helpText({
    usage: 'state ACTION [options]',
    words: [
      ['inspect', 'the queries that the table has state of; it reads the whole table'],
      ['inspect NAME', 'how far the query has come, and how much it keeps; --key KEY: what lies under a key'],
      ['export NAME FILE', 'into a file of JSON lines; .gz and .zst are compressed'],
      ['import FILE', 'from such a file; --as NAME under another name'],
      ['copy FROM TO', 'under another name, too'],
      ['rename FROM TO', 'under another name, and no more under its own'],
      ['reset NAME', 'removes it: the next batch begins with empty state'],
    ],
    options: {
      key: { type: 'string', value: 'KEY', help: 'inspect NAME: what lies under a key, or under one column of it' },
      as: {
        type: 'string',
        value: 'NAME',
        help: 'import: the name that it is put under (the one it was exported under)',
      },
      replace: { type: 'boolean', help: 'import, copy, rename: in place of what is kept under the name' },
      ...applyOptions,
      ...placeOptions,
      json: { ...sharedOptions.json, help: 'inspect: a line of JSON for each query, or for each thing under the key' },
    },
    variables: ['DYNAMODB_PORT', 'ALLOW_REMOTE', 'LOCAL_DIR'],
    notes: `NAME is that of the query, stream('NAME'). What is read stood so at one moment, also beside a running consumer: whoever goes on from
it goes on as after an invocation that was killed. What is written counts when all of it is there, and not where a batch was committed
meanwhile. Where the function of a query by that name exports it, state that it would refuse is refused here. docs/state-commands.md`,
  }),
  async run([name = '', ...words]) {
    const load = actions.get(name)
    if (load !== undefined) return (await load())(words)
    const all = [...actions.keys()].join(', ')
    throw new LocalError(
      'COMMAND_INVALID',
      `state takes one of ${all}, not "${printable(name, 100)}". See: state --help`,
    )
  },
}
