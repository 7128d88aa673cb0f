// The options of the plugin as the Serverless Framework takes them, from the one table.

import { optionsOf } from '../options/options.ts'

export interface ServerlessOption {
  readonly usage: string
  readonly type: 'string' | 'boolean' | 'multiple'
}

export const pluginOptions: Readonly<Record<string, ServerlessOption>> = Object.fromEntries(
  optionsOf('plugin').map(({ word, takes, isRepeated, help }) => [
    word,
    {
      usage: `${takes === undefined || isRepeated === undefined ? '' : `${takes}: `}${help}`,
      type: takes === undefined ? 'boolean' : isRepeated === undefined ? 'string' : 'multiple',
    },
  ]),
)
