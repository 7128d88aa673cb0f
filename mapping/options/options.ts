// The table of options (option-table.ts) as the environment's schema and as the options of a command line.

import { type MappingOption, mappingOptions } from './option-table.ts'

type Row = (typeof mappingOptions)[number]
type VariableRow = Extract<Row, { readonly variable: string }>
type VariableSchemas = { readonly [R in VariableRow as R['variable']]: R['schema'] }

/** The variables with their schemas, for a zod object. */
export const variableSchemas = Object.fromEntries(
  mappingOptions.flatMap((row) => ('variable' in row ? [[row.variable, row.schema]] : [])),
) as VariableSchemas

/** Former names of variables, with the name that took their place. */
export const formerVariables: ReadonlyMap<string, string> = new Map(
  mappingOptions.flatMap((row) => ('formerVariable' in row ? [[row.formerVariable, row.variable]] : [])),
)

export type MappingVariable = keyof VariableSchemas

/** The command lines that have the options. */
export type CommandLine = 'plugin' | 'command'

export interface OptionWord extends MappingOption {
  /** The option as this command line has it, without dashes. */
  readonly word: string
}

/** The options of a command line, in the order of the table. @example optionsOf('command').map(({ word }) => word) */
export const optionsOf = (commandLine: CommandLine): readonly OptionWord[] =>
  mappingOptions.flatMap((row: MappingOption) => {
    if (row.option === undefined || (commandLine === 'plugin' && row.isCommandOnly)) return []
    return [{ ...row, word: commandLine === 'command' ? (row.commandOption ?? row.option) : row.option }]
  })
