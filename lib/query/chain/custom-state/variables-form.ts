// What makes the state of a processor readable: its version, the grouping columns, what its timers go by, and its variables, which may
// come and go. A variable is told by its name, and of another type it is another one.

import type { KeptForm, OwnPart } from '../../../state/protocol/evolution/kept-parts.ts'
import { listText, parseList, variablePart } from '../../../state/protocol/evolution/part-text.ts'
import type { TransformWithStateStep } from '../../custom-state/transform-with-state-step.ts'
import type { Stage } from '../../plan/stages/stage.ts'

const separator = '; '

export function variablesForm(
  { keys, variables, timeMode, version }: TransformWithStateStep,
  input: Stage['input'],
): { readonly fingerprint: string; readonly parts: KeptForm } {
  const typed = keys.map((name) => `${name} ${input.get(name)?.type.name ?? ''}`)
  const start = `transformWithState v${version} by ${typed.join(', ')}, timers by ${timeMode}: `
  const own = variables.map(([name, variable]): OwnPart => {
    const of = variable.kind === 'map' ? `${variable.key.type.name}, ` : ''
    return { name, form: `${variable.kind} of ${of}${variable.column.type.name}`, isKnownByName: true }
  })
  return {
    fingerprint: start + listText(own, separator),
    parts: {
      lists: [own],
      textOf: ([list = []]) => start + listText(list, separator),
      listsOf(text) {
        const list = text.startsWith(start) ? parseList(text.slice(start.length), variablePart, separator) : null
        return list === null ? null : [list]
      },
    },
  }
}
