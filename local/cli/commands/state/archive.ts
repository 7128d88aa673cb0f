// `microbatch state export` and `import`: kept state into a file, and from a file under a name.
import { resolve } from 'node:path'
import { movedState } from 'microbatch/state'
import { parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { timeText } from '../../../state/account-text.ts'
import { readArchive, writeArchive } from '../../../state/archive-file.ts'
import { say } from '../../say.ts'
import { contentOf, offsetsOf } from './content.ts'
import { applyOptions, placeOptions } from './options.ts'
import { putInto } from './put.ts'
import { keptOf, withState } from './shared.ts'

export async function exportState(words: readonly string[]): Promise<number> {
  const { values, words: given } = parseWords('state export', ['NAME', 'FILE'], placeOptions, words)
  const [name = '', file = ''] = given
  return withState(values, async ({ place }) => {
    const state = movedState(await keptOf(place, name), Date.now())
    await writeArchive(resolve(file), state)
    say(`${file}: ${contentOf(state)}. Its stream goes on at ${offsetsOf(state)}.`)
    return 0
  })
}

const importOptions = {
  as: { type: 'string', value: 'NAME', help: 'under this name (the one that it was exported under)' },
  replace: { type: 'boolean', default: false, help: 'in place of what is kept under the name' },
  ...applyOptions,
  ...placeOptions,
} as const

export async function importState(words: readonly string[]): Promise<number> {
  const { values, words: given } = parseWords('state import', ['FILE'], importOptions, words)
  const [file = ''] = given
  const state = await readArchive(resolve(file))
  return withState(values, async (at) => {
    say(`${file}: taken at ${timeText(state.takenAtMs)}, ${contentOf(state)}.`)
    const isWritten = await putInto(at, values.as ?? state.query, state, values)
    if (isWritten)
      say(`Its consumer has to go on at ${offsetsOf(state)}, or before: what is in the state is passed by.`)
    return 0
  })
}
