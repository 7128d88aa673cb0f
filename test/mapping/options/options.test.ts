import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandHelp, commandOptions } from '../../../mapping/command/command-options.ts'
import { type MappingOption, mappingOptions } from '../../../mapping/options/option-table.ts'
import { pluginOptions } from '../../../mapping/plugin/plugin-options.ts'

const rows: readonly MappingOption[] = mappingOptions

const code = (text: string): string => `\`${text}\``
const words = ({ option, commandOption, takes, isCommandOnly }: MappingOption): string => {
  if (option === undefined) return ''
  const value = takes === undefined ? '' : ` ${takes}`
  const other = commandOption === undefined ? '' : `; kafka-mapping: ${code(`--${commandOption}${value}`)}`
  return `${code(`--${option}${value}`)}${other}${isCommandOnly ? '; kafka-mapping only' : ''}`
}
const variable = ({ variable: name, option, takes }: MappingOption): string => {
  if (name === undefined) return ''
  return code(option === undefined ? `${name}=${takes}` : name)
}

/** The table of the README, a row for each option. */
const readmeTable = [
  '| option | variable | what it does | default |',
  '|---|---|---|---|',
  ...rows.map((row) => {
    const more = [...(row.option ? ['again for more'] : []), ...(row.variable ? ['several by commas'] : [])].join(', ')
    const help = row.isRepeated ? `${row.help} (${more})` : row.help
    return `| ${words(row)} | ${variable(row)} | ${help} | ${row.default ?? ''} |`
  }),
].join('\n')

describe('each option stands in one table', () => {
  test("and the README's table is that one", () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../mapping/README.md'), 'utf8')
    expect(readme).toContain(readmeTable)
  })

  test('the plugin has those that are not of the command alone', () => {
    expect(Object.keys(pluginOptions)).toEqual(
      rows.flatMap(({ option, isCommandOnly }) => (option === undefined || isCommandOnly ? [] : [option])),
    )
    expect(pluginOptions['allow-remote']?.type).toBe('multiple')
    expect(pluginOptions['quiet-batches']?.type).toBe('boolean')
    expect(pluginOptions['metrics-port']?.type).toBe('string')
  })

  test('the command has all of them, under its own words where it has some', () => {
    const names = rows.flatMap(({ option, commandOption }) => commandOption ?? option ?? [])
    expect(Object.keys(commandOptions)).toEqual(names)
    expect(names).toContain('endpoint')
  })

  test("the command's help names every option and every variable", () => {
    const help = commandHelp('kafka-mapping')
    expect(help).toMatch(/^kafka-mapping \[options\]$/m)
    for (const name of Object.keys(commandOptions)) expect(help).toContain(`--${name}`)
    for (const { variable: name } of rows) if (name !== undefined) expect(help).toContain(name)
  })
})

test('no two options share a word or a variable', () => {
  const all = rows.flatMap(({ option, commandOption, variable: name }) => [option, commandOption, name])
  const given = all.filter((word) => word !== undefined)
  expect(new Set(given).size).toBe(given.length)
})
