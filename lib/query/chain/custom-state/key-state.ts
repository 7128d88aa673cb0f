// What a stateful processor keeps of one key: its variables and its timers. A call of the processor changes it in place, and what a call
// that failed has changed is taken back.

import type { Kept } from '../../../types/kept-value.ts'
import { type Timer, Timers } from './timers.ts'

/** A value as state keeps it. */
export interface Item {
  readonly kept: Kept | null
  /** When its time to live is over, epoch milliseconds; infinite where it has none. */
  readonly untilMs: number
}

/** A value is a list of one at the most. */
export type Variable = Item[] | Map<string, Item>

/** What an item takes in a line beside its value, about. */
const itemBytes = 20

export class KeyState {
  /** By the places of their definitions. */
  readonly #variables: Variable[]
  readonly #timers: Timers
  #bytes = 0
  /** Not above the first of the times at which something is over. */
  #expiryMs = Number.POSITIVE_INFINITY
  /** How the changes of a call are taken back, each. */
  readonly #undo: (() => void)[] = []

  constructor(variables: Variable[], timers: readonly Timer[]) {
    this.#variables = variables
    this.#timers = new Timers(timers)
    for (const variable of variables) this.#countAll(variable, 1)
  }

  /** Its length as JSON, about. */
  get bytes(): number {
    return this.#bytes + this.#timers.size * itemBytes
  }

  /** In the order in which they fire. */
  get timers(): Pick<Timers, 'first' | 'at' | typeof Symbol.iterator> {
    return this.#timers
  }

  get isChanged(): boolean {
    return this.#undo.length > 0
  }

  get isEmpty(): boolean {
    return this.#timers.size === 0 && this.#variables.every((variable) => sizeOf(variable) === 0)
  }

  /** When something is due of it: a timer, or the end of a time to live. */
  get dueMs(): number {
    return Math.min(this.#timers.first?.dueMs ?? Number.POSITIVE_INFINITY, this.#expiryMs)
  }

  get variables(): readonly Variable[] {
    return this.#variables
  }

  /** The item of a value, where it is not over. */
  value(at: number, nowMs: number): Item | undefined {
    const items = this.#variables[at]
    const item = Array.isArray(items) ? items[0] : undefined
    return item !== undefined && item.untilMs > nowMs ? item : undefined
  }

  /** The items of a list that are not over. */
  live(at: number, nowMs: number): readonly Item[] {
    const items = this.#variables[at]
    return Array.isArray(items) ? items.filter(({ untilMs }) => untilMs > nowMs) : []
  }

  /** The entries of a map that are not over. */
  liveEntries(at: number, nowMs: number): readonly (readonly [key: string, item: Item])[] {
    const items = this.#variables[at]
    return items instanceof Map ? [...items].filter(([, { untilMs }]) => untilMs > nowMs) : []
  }

  entry(at: number, key: string, nowMs: number): Item | undefined {
    const items = this.#variables[at]
    const item = items instanceof Map ? items.get(key) : undefined
    return item !== undefined && item.untilMs > nowMs ? item : undefined
  }

  append(at: number, items: readonly Item[]): void {
    const list = this.#variables[at]
    if (!Array.isArray(list)) return
    const { length } = list
    for (const item of items) {
      list.push(item)
      this.#count('', item, 1)
    }
    this.#undo.push(() => {
      for (const item of list.splice(length)) this.#count('', item, -1)
    })
  }

  /** Puts other items in the place of all. */
  replace(at: number, items: Variable): void {
    const before = this.#variables[at] ?? []
    this.#put(at, items)
    this.#undo.push(() => this.#put(at, before))
  }

  /** @param item none takes the entry out */
  setEntry(at: number, key: string, item: Item | undefined): void {
    const map = this.#variables[at]
    if (!(map instanceof Map)) return
    const before = map.get(key)
    this.#putEntry(map, key, item)
    this.#undo.push(() => this.#putEntry(map, key, before))
  }

  /** @returns false where there is one for that moment already */
  addTimer(timer: Timer): boolean {
    if (this.#timers.at(timer.expiryMs) !== undefined) return false
    this.#timers.add(timer)
    this.#undo.push(() => this.#timers.remove(timer))
    return true
  }

  /** @returns false where there is none */
  removeTimer(expiryMs: number): boolean {
    const timer = this.#timers.at(expiryMs)
    if (timer === undefined) return false
    this.#timers.remove(timer)
    this.#undo.push(() => this.#timers.add(timer))
    return true
  }

  /** Takes out what is over. @returns how many items that were */
  sweep(nowMs: number): number {
    if (this.#expiryMs > nowMs) return 0
    let removed = 0
    this.#expiryMs = Number.POSITIVE_INFINITY
    for (const variable of this.#variables) {
      const over = itemsOf(variable).filter(([, { untilMs }]) => untilMs <= nowMs)
      removed += over.length
      for (const [key, item] of over) {
        this.#count(key, item, -1)
        if (variable instanceof Map) variable.delete(key)
      }
      if (Array.isArray(variable) && over.length > 0) {
        const left = variable.filter(({ untilMs }) => untilMs > nowMs)
        variable.splice(0, variable.length, ...left)
      }
      for (const [, { untilMs }] of itemsOf(variable)) this.#expiryMs = Math.min(this.#expiryMs, untilMs)
    }
    return removed
  }

  /** What was changed counts. */
  commit(): void {
    this.#undo.length = 0
  }

  rollback(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo()
  }

  #put(at: number, items: Variable): void {
    this.#countAll(this.#variables[at] ?? [], -1)
    this.#variables[at] = items
    this.#countAll(items, 1)
  }

  #putEntry(map: Map<string, Item>, key: string, item: Item | undefined): void {
    const before = map.get(key)
    if (before !== undefined) this.#count(key, before, -1)
    if (item === undefined) map.delete(key)
    else {
      map.set(key, item)
      this.#count(key, item, 1)
    }
  }

  #countAll(variable: Variable, sign: 1 | -1): void {
    if (variable instanceof Map) for (const [key, item] of variable) this.#count(key, item, sign)
    else for (const item of variable) this.#count('', item, sign)
  }

  #count(key: string, { kept, untilMs }: Item, sign: 1 | -1): void {
    this.#bytes += sign * ((key === '' ? 0 : Buffer.byteLength(key)) + lengthOf(kept) + itemBytes)
    if (sign === 1 && untilMs < this.#expiryMs) this.#expiryMs = untilMs
  }
}

/** About as long as it is written. */
function lengthOf(kept: Kept | null): number {
  if (typeof kept === 'string') return Buffer.byteLength(kept) + 2
  if (typeof kept !== 'object' || kept === null) return numberLength
  let length = 2
  for (const part of kept) length += lengthOf(part) + 1
  return length
}

/** The longest that a number is, but for the last digits of some. */
const numberLength = 18

const sizeOf = (variable: Variable): number => (variable instanceof Map ? variable.size : variable.length)

const itemsOf = (variable: Variable): readonly (readonly [key: string, item: Item])[] =>
  variable instanceof Map ? [...variable] : variable.map((item) => ['', item] as const)
