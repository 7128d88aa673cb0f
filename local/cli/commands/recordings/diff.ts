// `microbatch diff`: what two recordings say was emitted, or what two versions of the code emit for the same events: rows added,
// removed and changed, by group and column.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { codeFolder } from '../../../diff/code-folder.ts'
import { compareTables, isSame } from '../../../diff/comparison.ts'
import { diffReport } from '../../../diff/report.ts'
import { codeSide, recordedSide, type Side } from '../../../diff/sides.ts'
import { openSource } from '../../../replay/open-source.ts'
import { progressLine } from '../../../replay/progress-line.ts'
import { parseSelection } from '../../../replay/selection.ts'
import { endingBySignal } from '../../ending.ts'
import { jsonText } from '../../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../../options.ts'
import { readDefinition } from '../../service/definition.ts'
import { findService, type Service } from '../../service/service.ts'
import { readCliSettings } from '../../service/settings.ts'
import { wholeNumber } from '../../whole-number.ts'
import { sourceOptions, sourceWords } from './shared.ts'

const { dir, brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  code: {
    type: 'string',
    value: 'VERSION',
    multiple: true,
    help: 'a commit, a branch, a tag or a folder; once: against the code as it is here; twice: the first against the second',
  },
  max: { type: 'string', value: 'N', default: '20', help: 'shows so many differences of each query (20)' },
  ...sourceOptions,
  dir,
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each query, with every difference' },
} as const

export const diffCommand: Command = {
  name: 'diff',
  summary: 'compares what two recordings, or two versions of the code, emit for the same events',
  help: helpText({
    usage: 'diff FILE [FILE] [options]\nmicrobatch diff --topic NAME --code VERSION [options]',
    words: [['FILE', 'a recording; two of them: of replays, with rows (microbatch replay --out)']],
    options,
    variables: kafkaVariables,
    notes: `One recording without --code is compared with what the code here emits for it; it needs rows then. Versions of the code run in this
process over empty state, and no sink is written. A commit is checked out into .local/code, and removed; it runs with the packages
that are installed here. An aggregation is compared by the last row of each group, another query by how often each row came.
Ends with 1 if there is a difference.`,
  }),
  async run(words) {
    const { positionals } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true })
    const { values, words: given } = parseWords('diff', ['FILE', 'FILE'].slice(0, positionals.length), options, words)
    const versions = values.code ?? []
    const max = wholeNumber('--max', values.max, 0) ?? 20
    checkWords(given, versions, values.topic)
    const ending = endingBySignal()
    const functions = parseSelection({
      only: values.only ?? [],
      functions: values.function ?? [],
      until: undefined,
    }).functions
    const recorded = (file: string) => recordedSide(resolve(file), functions, warn)
    const [first, second] = given
    const ofCode = (sides: readonly (string | undefined)[]) => codeSides(sides, given[0], values, ending.signal)
    let sides: readonly (Side | undefined)[]
    if (first !== undefined && second !== undefined) sides = [await recorded(first), await recorded(second)]
    else if (versions.length > 0) sides = await ofCode([versions[0], versions[1]])
    else sides = [await recorded(first ?? ''), ...(await ofCode([undefined]))]
    const [before, after] = sides
    if (before === undefined || after === undefined) return ending.exitCode() || 1
    return print(before, after, max, values.json)
  },
}

function checkWords(files: readonly string[], versions: readonly string[], topic: string | undefined): void {
  const problem =
    files.length === 0 && topic === undefined
      ? 'diff takes a recording, two recordings, or --topic NAME with --code VERSION'
      : files.length > 0 && topic !== undefined
        ? 'diff takes a recording or --topic, not both'
        : files.length === 2 && versions.length > 0
          ? '--code goes with one recording'
          : versions.length > 2
            ? '--code is given twice at most'
            : files.length === 0 && versions.length === 0
              ? '--topic goes with --code VERSION: what the code here is compared with'
              : undefined
  if (problem !== undefined) throw new LocalError('COMMAND_INVALID', `${problem}. See: diff --help`)
}

type Values = Parameters<typeof sourceWords>[1] &
  Parameters<typeof withOptions>[1] & { readonly dir?: string | undefined }

/** @param versions undefined is the code as it is here */
async function codeSides(
  versions: readonly (string | undefined)[],
  file: string | undefined,
  values: Values,
  signal: AbortSignal,
): Promise<readonly (Side | undefined)[]> {
  const settings = readCliSettings(withOptions(process.env, values))
  const service = findService({ dir: values.dir, environment: process.env })
  const here = await readDefinition(service, settings)
  const source = await openSource(sourceWords(file, values), { definition: here, settings, onWarning: warn })
  const progress = progressLine(process.stderr)
  const run = async (name: string, folder: Service, definition = here) =>
    codeSide({ name, service: folder, definition, source, signal, progress })
  const sides: (Side | undefined)[] = []
  try {
    for (const version of versions) {
      if (version === undefined) {
        sides.push(await run('the code here', service))
        continue
      }
      const code = await codeFolder(version, service)
      try {
        sides.push(await run(version, code.service, await readDefinition(code.service, settings)))
      } finally {
        await code.remove()
      }
    }
  } finally {
    await source.close()
  }
  return sides
}

function print(before: Side, after: Side, max: number, asJson: boolean): number {
  let isAllSame = true
  for (const name of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const [left, right] = [before.tables.get(name), after.tables.get(name)]
    if (left === undefined || right === undefined) {
      isAllSame = false
      const side = left === undefined ? after.name : before.name
      const only = `${name}: only ${side} has rows of it`
      console.log(asJson ? jsonText({ function: name, only: side }) : printable(only, 1_000))
      continue
    }
    const comparison = compareTables(left, right)
    isAllSame &&= isSame(comparison)
    if (asJson) console.log(jsonText({ isSame: isSame(comparison), ...comparison }))
    else for (const line of diffReport(comparison, max)) console.log(printable(line, 10_000))
  }
  return isAllSame ? 0 : 1
}

const warn = (line: string): void => void process.stderr.write(`${printable(`WARN  ${line}`, 10_000)}\n`)
