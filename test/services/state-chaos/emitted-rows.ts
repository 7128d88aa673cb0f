// What the sinks of all containers were given, against the result of batch mode over the same records.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bar } from './query.ts'
import type { SinkLine } from './worker.ts'

export interface EmittedRows {
  readonly rows: number
  readonly ids: number
}

/**
 * Append: an id has one content, and that is the bar. Update: a version of an id has one content, and the last one is the bar.
 * @throws Error that names the bar and its lines
 */
export function checkEmitted(mode: 'append' | 'update', folder: string, expected: readonly Bar[]): EmittedRows {
  const wanted = new Map(expected.map((bar) => [nameOf(bar), textOf(bar)]))
  const contents = new Map<string, { readonly version: number; readonly text: string }>()
  const names = new Map<string, string>()
  let rows = 0
  for (const { file, id, version, row } of linesIn(folder)) {
    rows += 1
    const name = nameOf(row)
    const text = textOf(row)
    const known = names.get(name)
    if (known !== undefined && known !== id)
      throw new Error(`${name} came out under two ids, ${known} and ${id} (${file})`)
    names.set(name, id)
    const before = contents.get(id)
    if (before !== undefined && (mode === 'append' || before.version === version) && before.text !== text)
      throw new Error(`${id} has two contents under version ${version} (${file}): ${before.text} and ${text}`)
    if (before === undefined || before.version < version) contents.set(id, { version, text })
  }
  for (const [name, id] of names) {
    const text = contents.get(id)?.text
    if (text !== wanted.get(name)) throw new Error(`${name} is ${text}, batch mode says ${wanted.get(name)}`)
  }
  for (const name of wanted.keys()) {
    // In append mode the windows of the last records stay open.
    if (!names.has(name) && !(mode === 'append' && name.endsWith(' end'))) throw new Error(`${name} never came out`)
  }
  return { rows, ids: names.size }
}

const nameOf = ({ window, sensor }: Bar): string => `${new Date(window.start).toISOString()} ${sensor}`
const textOf = ({ rows, level, price, low, high }: Bar): string => JSON.stringify({ rows, level, price, low, high })

function* linesIn(folder: string): Iterable<SinkLine & { readonly file: string }> {
  for (const file of readdirSync(folder)) {
    // The last part has no line break: a line that its container was killed in.
    const lines = readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1)
    for (const line of lines) yield { file, ...(JSON.parse(line) as SinkLine) }
  }
}
