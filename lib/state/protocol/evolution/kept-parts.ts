// Parts that are kept by their places: the accumulators of a group, the variables of a key, the columns of a row. A place is given once.
// A part that a later version of the query adds comes after all that were there, so a line that was written before is one that lacks its
// last parts; the place of a part that was dropped stays empty. Nothing is rewritten when a query changes, and every line can be read.

/** One part: the name that the query gives it, and what it must be for its kept values to mean the same. */
export interface KeptPart {
  readonly name: string
  /** @example 'max(price double)' */
  readonly form: string
}

/** A part of the query that runs. */
export interface OwnPart extends KeptPart {
  /** Its name alone tells it from others of its form: what a function makes is not known by the function. */
  readonly isKnownByName?: boolean
}

/** Parts in the order of their places; null where one was dropped. */
export type KeptList = readonly (KeptPart | null)[]

/** One entry of a fingerprint that consists of lists of parts, and of what must be equal. */
export interface KeptForm {
  readonly lists: readonly (readonly OwnPart[])[]
  /** The entry as it is kept, and back; null where another thing than parts is different, or the text cannot be told apart. */
  textOf(lists: readonly KeptList[]): string
  listsOf(text: string): readonly KeptList[] | null
}

/** Where the parts of the query that runs lie in a kept list. */
export interface PartLayout {
  /** By the query's own order. */
  readonly places: readonly number[]
  /** By place: which part of the query has it; null where none does. */
  readonly owners: readonly (number | null)[]
}

/** One layout for each list of a form; undefined where every line is whole, in the query's own order. */
export type PartLayouts = readonly (PartLayout | undefined)[]

export interface Match {
  /** The list as it is kept from now on. */
  readonly list: KeptList
  readonly layout: PartLayout
  readonly added: readonly KeptPart[]
  readonly dropped: readonly KeptPart[]
  readonly renamed: readonly (readonly [from: KeptPart, to: KeptPart])[]
  /** Parts of one form of which nobody can say which is which. */
  readonly unclear: readonly KeptPart[]
}

/**
 * Finds the parts of a query among those that are kept: by name and form; then, where there is one of a form on either side, by the
 * form alone, which is a part with another name.
 */
export function matchParts(kept: KeptList, own: readonly OwnPart[]): Match {
  const isTaken = new Set<number>()
  const places: (number | undefined)[] = own.map(({ name, form }) => {
    const place = kept.findIndex((part, i) => !isTaken.has(i) && part?.name === name && part.form === form)
    if (place === -1) return undefined
    isTaken.add(place)
    return place
  })
  const renamed: (readonly [KeptPart, KeptPart])[] = []
  const unclear: KeptPart[] = []
  const isLeft = (part: OwnPart, i: number): boolean => places[i] === undefined && part.isKnownByName !== true
  for (const form of new Set(own.filter(isLeft).map((part) => part.form))) {
    const mine = own.flatMap((part, i) => (part.form === form && isLeft(part, i) ? [i] : []))
    const theirs = kept.flatMap((part, place) => (part?.form === form && !isTaken.has(place) ? [place] : []))
    const [i, place] = [mine[0], theirs[0]]
    if (i === undefined || place === undefined) continue
    const [from, to] = [kept[place], own[i]]
    if (mine.length > 1 || theirs.length > 1 || from == null || to === undefined) {
      unclear.push(...mine.flatMap((at) => own[at] ?? []))
      continue
    }
    places[i] = place
    isTaken.add(place)
    renamed.push([from, to])
  }
  const added = own.filter((_, i) => places[i] === undefined)
  const dropped = kept.flatMap((part, place) => (part === null || isTaken.has(place) ? [] : [part]))
  let size = kept.length
  const all = places.map((place) => place ?? size++)
  const owners = Array.from({ length: size }, (_, place) => {
    const owner = all.indexOf(place)
    return owner === -1 ? null : owner
  })
  const list = owners.map((owner): KeptPart | null => {
    const part = owner === null ? undefined : own[owner]
    return part === undefined ? null : { name: part.name, form: part.form }
  })
  return { list, layout: { places: all, owners }, added, dropped, renamed, unclear }
}

/** Whether the parts lie as the query has them, and nothing beside them. */
export const isOwnOrder = ({ places, owners }: PartLayout): boolean =>
  owners.length === places.length && places.every((place, i) => place === i)
