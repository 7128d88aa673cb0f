// The options of `kafka-mapping` as Node's parser takes them, and its help, from the one table.

import type { ParseArgsConfig } from 'node:util'
import { type MappingOption, mappingOptions } from '../options/option-table.ts'
import { optionsOf } from '../options/options.ts'

export const commandOptions: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
  optionsOf('command').map(({ word, takes, isRepeated }) => [
    word,
    { type: takes === undefined ? 'boolean' : 'string', multiple: isRepeated === true },
  ]),
)

/** @param command how it is called: `kafka-mapping` */
export function commandHelp(command: string): string {
  const options = optionsOf('command').map((row) => {
    const left = `--${row.word}${row.takes === undefined ? '' : ` ${row.takes}`}`
    return `  ${left.padEnd(27)}${helpOf(row)}`
  })
  const variables = mappingOptions.flatMap((row: MappingOption) =>
    row.variable === undefined || row.option !== undefined
      ? []
      : [`  ${`${row.variable}=${row.takes ?? 'true'}`.padEnd(35)}${helpOf(row)}`],
  )
  return [
    `${command} [options]`,
    '',
    ...options,
    '',
    'Environment (an option goes before its variable):',
    ...variables,
    '',
    'Ctrl-C lets the batches in flight end; a second one does not wait.',
  ].join('\n')
}

function helpOf({ help, isRepeated, option, variable, default: standard }: MappingOption): string {
  const more = [
    ...(isRepeated === undefined ? [] : [option === undefined ? 'several by commas' : 'again for more']),
    ...(option === undefined || variable === undefined ? [] : [variable]),
    ...(standard === undefined ? [] : [`default: ${standard}`]),
  ]
  return more.length === 0 ? help : `${help} (${more.join('; ')})`
}
