// The arrays of a message and their elements, as far as tests have fields in them, with what each test finds where. Objects in
// between do not matter: all their fields may be chosen together.

import type { Elements, Field } from './fields.ts'
import type { FieldTest } from './pattern.ts'

export interface PathTest {
  /** Which of the reader's paths it is for. */
  readonly slot: number
  readonly test: FieldTest
}

/** The message itself, or an element of an array in it. Bit n of a number stands for the n-th test. */
export interface ElementNode<Choice> {
  /** Tests with a field directly in it, and those that such a field satisfies. */
  present: bigint
  matched: bigint
  readonly arrays: ArrayNode<Choice>[]
  /** Tests with a field anywhere in it. */
  within: bigint
  /** Tests that have to be satisfied in it, or to be absent there, since nothing else is left for them. */
  required: bigint
  /** Tests with fields in several of its parts: its own fields, and each array. */
  shared: bigint
}

export interface ArrayNode<Choice> {
  readonly elements: ElementNode<Choice>[]
  within: bigint
  required: bigint
  /** Made by whoever goes through the tree. */
  choices: readonly Choice[]
}

export interface ElementTree<Choice> {
  readonly root: ElementNode<Choice>
  /** Each array before those in its elements. */
  readonly arrays: readonly ArrayNode<Choice>[]
}

/** @example const { root, arrays } = elementTree(tests, read(message)) */
export function elementTree<Choice>(
  tests: readonly PathTest[],
  fields: ReadonlyArray<readonly Field[]>,
): ElementTree<Choice> {
  const root = newElement<Choice>()
  const nodes = new Map<Elements, ElementNode<Choice>>()
  const arrays = new Map<number, ArrayNode<Choice>>()

  /** Without recursion: arrays may nest deeper than calls can. */
  const nodeOf = (elements: Elements | undefined): ElementNode<Choice> => {
    const missing: Elements[] = []
    let outer = elements
    for (; outer !== undefined && !nodes.has(outer); outer = outer.outer) missing.push(outer)
    let node = (outer && nodes.get(outer)) ?? root
    for (const place of missing.toReversed()) {
      const known = arrays.get(place.array)
      const array = known ?? { elements: [], within: 0n, required: 0n, choices: [] }
      if (known === undefined) {
        arrays.set(place.array, array)
        node.arrays.push(array)
      }
      node = newElement()
      array.elements.push(node)
      nodes.set(place, node)
    }
    return node
  }

  for (const [index, { slot, test }] of tests.entries()) {
    const bit = 1n << BigInt(index)
    for (const { leaf, elements } of fields[slot] ?? []) {
      const node = nodeOf(elements)
      node.present |= bit
      if ((node.matched & bit) === 0n && test.matches(leaf)) node.matched |= bit
    }
  }
  // The reader counts arrays as it meets them: an outer one before those in it.
  const ordered = [...arrays].sort(([one], [other]) => one - other).map(([, array]) => array)
  for (const array of ordered.toReversed()) {
    for (const element of array.elements) {
      setWithin(element)
      array.within |= element.within
    }
  }
  setWithin(root)
  const all = (1n << BigInt(tests.length)) - 1n
  setRequired(root, all)
  for (const array of ordered) for (const element of array.elements) setRequired(element, array.required)
  return { root, arrays: ordered }
}

const newElement = <Choice>(): ElementNode<Choice> => ({
  ...{ present: 0n, matched: 0n, arrays: [], within: 0n, required: 0n, shared: 0n },
})

function setWithin<Choice>(element: ElementNode<Choice>): void {
  element.within = element.present
  for (const { within } of element.arrays) {
    element.shared |= element.within & within
    element.within |= within
  }
}

/** The tests of its arrays that have fields nowhere else in it. */
function setRequired<Choice>(element: ElementNode<Choice>, required: bigint): void {
  element.required = required
  for (const array of element.arrays) array.required = required & array.within & ~element.shared
}
