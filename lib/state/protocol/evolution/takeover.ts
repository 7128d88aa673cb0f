// What a version of a query makes of what another version has kept: it goes on as it is, takes it over in words that its author has
// said, or refuses it. Pure. Refusing is always loud, names every difference and a way out: state that is read as something else gives
// wrong numbers without a word.

import type { OutputMode } from '../../../aggregate/output-mode.ts'
import { MicrobatchError } from '../../../error.ts'
import type { Progress } from '../../items/progress.ts'
import { fingerprintOf, waysOut } from '../operators/compatibility.ts'
import type { LastingQuery } from '../operators/stateful-query.ts'
import { type KeptLayout, keptLayout } from './kept-layout.ts'
import { type KeptPart, type Match, matchParts, type PartLayout } from './kept-parts.ts'
import { type ModeChange, modeChange } from './mode-change.ts'

export interface Takeover {
  /** The one that progress has from now on. */
  readonly fingerprint: ReadonlyMap<string, string>
  readonly layout: KeptLayout
  readonly mode: ModeChange
  /** The mode that what is kept was written in. */
  readonly modeBefore: OutputMode
  /** A sentence for each change. @example '`mean avg(price double)` begins empty' */
  readonly changes: readonly string[]
  /** Whether progress must say so before anything is written. */
  readonly isNews: boolean
}

/**
 * @param but entries of the fingerprint that are not compared
 * @throws MicrobatchError STATE_INCOMPATIBLE that names every difference
 */
export function takeoverOf(
  progress: Progress,
  query: LastingQuery,
  but: ReadonlySet<string> = new Set<string>(),
): Takeover {
  const own = fingerprintOf(query)
  const fingerprint = new Map(progress.fingerprint)
  const layouts = new Map<string, readonly PartLayout[]>()
  const differences: Difference[] = []
  const changes: string[] = []
  let isAnother = false
  const modeBefore = (progress.fingerprint.get('outputMode') ?? query.outputMode) as OutputMode
  const mode = modeChange(modeBefore, query.outputMode, query)

  for (const name of new Set([...fingerprint.keys(), ...own.keys()])) {
    if (but.has(name)) continue
    const [was, now] = [fingerprint.get(name), own.get(name)]
    const parts = now === undefined ? null : partsOf(query, name, was, now)
    if (parts !== null) {
      layouts.set(name, parts.layouts)
      fingerprint.set(name, parts.text)
      differences.push(...parts.differences)
      changes.push(...parts.changes)
      isAnother ||= parts.isAnother
    } else if (was !== now && name === 'outputMode' && mode.kind !== 'refused') {
      fingerprint.set(name, query.outputMode)
      changes.push(`the output mode is ${now}, and was ${was}`)
      isAnother = true
    } else if (was !== now) {
      const why = name === 'outputMode' && mode.kind === 'refused' ? ` (${mode.why})` : ''
      differences.push({ text: `${name} was ${was ?? 'absent'}, is now ${now ?? 'absent'}${why}`, word: 'none' })
    }
  }
  if (differences.length > 0) throw refused(query.name, differences)
  const isNews = isAnother || [...fingerprint].some(([name, text]) => progress.fingerprint.get(name) !== text)
  const evolution = progress.evolution + (isAnother ? 1 : 0)
  const owesTable = query.outputMode === 'update' && (progress.owesTable || mode.kind === 'owesTable')
  return { fingerprint, layout: keptLayout(evolution, layouts, owesTable), mode, modeBefore, changes, isNews }
}

interface Difference {
  readonly text: string
  /** What the author may say so that it passes; `none` where no word does, `see` where others say what. */
  readonly word: 'add' | 'drop' | 'none' | 'see'
}

interface Parts {
  readonly layouts: readonly PartLayout[]
  readonly text: string
  readonly differences: readonly Difference[]
  readonly changes: readonly string[]
  readonly isAnother: boolean
}

/** Null for an entry that has no parts, or differs in more than parts. */
function partsOf(query: LastingQuery, name: string, was: string | undefined, now: string): Parts | null {
  const form = query.parts?.get(name)
  if (form === undefined) return null
  const kept = was === now ? form.lists : form.listsOf(was ?? '')
  if (kept === null || kept.length !== form.lists.length) return null
  const matches = form.lists.map((list, i) => matchParts(kept[i] ?? [], list))
  const all = <T>(of: (match: Match) => readonly T[]): readonly T[] => matches.flatMap(of)
  const [added, dropped] = [all((match) => match.added), all((match) => match.dropped)]
  const evolve = new Set(query.evolve)
  const unclear = all((match) => match.unclear).map((part): Difference => {
    const text = `${shown(part)} may be one or another of what is kept: rename one at a time, or keep the name`
    return { text, word: 'none' }
  })
  const missing = (word: 'add' | 'drop', parts: readonly KeptPart[]): readonly Difference[] =>
    evolve.has(word)
      ? []
      : parts.map((part) => ({ text: `${shown(part)} ${word === 'add' ? 'is new' : 'is gone'}`, word }))
  const words = [...missing('add', added), ...missing('drop', dropped), ...unclear]
  return {
    layouts: matches.map(({ layout }) => layout),
    text: form.textOf(matches.map(({ list }) => list)),
    differences: words.length === 0 ? [] : [{ text: `${name} was ${was}, is now ${now}`, word: 'see' }, ...words],
    changes: [
      ...added.map((part) => `${shown(part)} begins empty`),
      ...dropped.map((part) => `${shown(part)} is let go`),
      ...all((match) => match.renamed).map(([from, to]) => `${shown(from)} is called \`${to.name}\``),
    ],
    isAnother: added.length + dropped.length > 0,
  }
}

const remedyOf = new Map<Difference['word'], string>([
  ['add', "evolve: 'add' of writeStream keeps the rest, and what is new begins empty."],
  ['drop', "evolve: 'drop' of writeStream keeps the rest, and lets go what is gone."],
])

const shown = ({ name, form }: KeptPart): string => `\`${name} ${form}\``

function refused(name: string, differences: readonly Difference[]): MicrobatchError {
  const told = differences.map(({ text }) => text).join('; ')
  const problem = `The kept state of query "${name}" is another query's: ${told}.`
  const words = new Set(differences.map(({ word }) => word))
  const remedies = words.has('none') ? [] : [...remedyOf].filter(([word]) => words.has(word)).map(([, text]) => text)
  return new MicrobatchError('STATE_INCOMPATIBLE', [problem, ...remedies, waysOut].join(' '))
}
