// Whether the fields of a message satisfy a branch, no two of them from different elements of one array. Each array is looked at
// once, from the innermost out: of an element only the sets of tests that it satisfies are kept, so that time grows with the
// message and not with the ways of choosing elements. Tests come in the order of their paths, as in event-ruler's machine: an
// absence counts against the elements that tests before it have chosen, and no others.

import { type ArrayNode, type ElementNode, elementTree, type PathTest } from './element-tree.ts'
import type { Field } from './fields.ts'

/** One way of choosing elements, as far as tests see it. Bit n stands for the n-th test. */
interface Choice {
  /** Tests that a chosen field satisfies. */
  readonly chosen: bigint
  /** Tests whose field is absent, given the elements that tests before them have chosen. */
  readonly absent: bigint
}

/** Tests that accept an absence, by their bits. Without any, more chosen is always better, and less need not be kept. */
type Absentable = bigint

/** How many tests that may as well be satisfied elsewhere are tried with and without. Only a message with one path twice has any. */
const maxOptional = 8

/** @param tests in the order of their paths */
export function isConsistentMatch(tests: readonly PathTest[], fields: ReadonlyArray<readonly Field[]>): boolean {
  const absentable = bits(tests, ({ test }) => test.acceptsAbsence)
  // Outside arrays, or alone, fields contradict none: that each test is satisfied is known (isPossibleMatch).
  const inArrays = tests.filter(({ slot }) => fields[slot]?.some(({ elements }) => elements !== undefined))
  if (inArrays.length === 0) return true
  const { root, arrays } = elementTree<Choice>(tests, fields)
  for (const array of arrays.toReversed()) array.choices = choicesOfArray(array, absentable)
  return choicesOfElement(root, absentable).length > 0
}

/** Whether each test alone has what it needs: cheap, and spares most messages the rest. */
export const isPossibleMatch = (tests: readonly PathTest[], fields: ReadonlyArray<readonly Field[]>): boolean =>
  tests.every(({ slot, test }) => {
    const candidates = fields[slot] ?? []
    if (test.acceptsAbsence && !candidates.some(({ elements }) => elements === undefined)) return true
    return candidates.some(({ leaf }) => test.matches(leaf))
  })

const bits = (tests: readonly PathTest[], isSet: (test: PathTest) => boolean): bigint =>
  tests.reduce((mask, test, index) => (isSet(test) ? mask | (1n << BigInt(index)) : mask), 0n)

/** One of its elements, or none. */
function choicesOfArray(array: ArrayNode<Choice>, absentable: Absentable): readonly Choice[] {
  const { within, required, elements } = array
  const unchosen = absentable & ~within
  const choices: Choice[] = []
  keep(choices, { chosen: 0n, absent: unchosen }, required, absentable)
  for (const element of elements)
    for (const { chosen, absent } of choicesOfElement(element, absentable)) {
      // The first test that chose here: to tests before it the whole array is there, to those behind it one element.
      const first = chosen & -chosen
      const lifted = chosen === 0n ? unchosen : (absent & ~(first | (first - 1n))) | (unchosen & (first - 1n))
      keep(choices, { chosen, absent: lifted }, required, absentable)
    }
  return choices
}

/** Its own fields with one choice of each array in it. */
function choicesOfElement(element: ElementNode<Choice>, absentable: Absentable): readonly Choice[] {
  const { matched, present, arrays, required, shared } = element
  let choices = ownChoices(matched, (required & ~shared) | (absentable === 0n ? matched : 0n), absentable & ~present)
  for (const array of arrays) {
    const combined: Choice[] = []
    for (const one of choices)
      for (const other of array.choices) {
        // A test takes one field. Where absences depend on it, it may not count as taken in two places.
        if (absentable !== 0n && (one.chosen & other.chosen) !== 0n) continue
        keep(combined, { chosen: one.chosen | other.chosen, absent: one.absent & other.absent }, 0n, absentable)
      }
    choices = combined
  }
  return choices.filter((choice) => covers(choice, required))
}

/** @param fixed what is taken wherever it matches; the rest is tried with and without */
function ownChoices(matched: bigint, fixed: bigint, absent: bigint): readonly Choice[] {
  let choices: readonly Choice[] = [{ chosen: matched & fixed, absent }]
  let tried = 0
  for (let optional = matched & ~fixed; optional !== 0n; optional &= optional - 1n) {
    const bit = optional & -optional
    const withIt = choices.map(({ chosen }) => ({ chosen: chosen | bit, absent }))
    choices = tried < maxOptional ? [...choices, ...withIt] : withIt
    tried += 1
  }
  return choices
}

const covers = ({ chosen, absent }: Choice, required: bigint): boolean => ((chosen | absent) & required) === required

/** Adds a choice unless it, or a better one, is there. */
function keep(choices: Choice[], choice: Choice, required: bigint, absentable: Absentable): void {
  if (!covers(choice, required)) return
  const isAsGood = (one: Choice, other: Choice): boolean =>
    (absentable === 0n ? (one.chosen & other.chosen) === other.chosen : one.chosen === other.chosen) &&
    (one.absent & other.absent) === other.absent
  if (choices.some((known) => isAsGood(known, choice))) return
  const left = choices.filter((known) => !isAsGood(choice, known))
  choices.splice(0, choices.length, ...left, choice)
}
