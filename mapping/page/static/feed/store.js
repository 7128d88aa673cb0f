// What the page knows: the state that the feed sent first, with every change since laid over it. No more is kept than the server keeps.

/** @typedef {import('../../view/state.ts').PageState} PageState */
/** @typedef {import('../../view/state.ts').PageChange} PageChange */
/** @typedef {import('../../view/state.ts').MappingSummary} MappingSummary */
/** @typedef {import('../../view/state.ts').BatchState} BatchState */
/** @typedef {import('../../view/state.ts').HistoryPoint} HistoryPoint */
/** @typedef {import('../../view/state.ts').LetterState} LetterState */
/** @typedef {import('../../view/state.ts').TableState} TableState */

const maxBatches = 200
const maxPoints = 900
const maxLetters = 100

/** Everything that is shown. */
export class Store {
  service = ''
  /** @type {readonly MappingSummary[]} */
  mappings = []
  /** @type {Map<string, Map<number, BatchState>>} by mapping, then by id */
  batches = new Map()
  /** @type {Map<string, HistoryPoint[]>} */
  history = new Map()
  /** @type {Map<number, LetterState>} */
  letters = new Map()
  /** @type {Map<string, TableState>} */
  tables = new Map()
  /** The server's clock is this much ahead of the browser's, in milliseconds. */
  #aheadMs = 0

  /** Epoch milliseconds, by the server's clock. */
  get nowMs() {
    return Date.now() + this.#aheadMs
  }

  /** @param {PageState} state */
  begin(state) {
    this.service = state.service
    this.batches = new Map()
    this.history = new Map(Object.entries(state.history).map(([id, points]) => [id, [...points]]))
    this.letters = new Map()
    this.tables = new Map()
    this.change({ ...state, points: {} })
  }

  /** @param {PageChange} change */
  change({ nowMs, mappings, batches, points, letters, tables }) {
    this.#aheadMs = nowMs - Date.now()
    this.mappings = mappings
    for (const batch of batches) {
      const own = this.batches.get(batch.mappingId) ?? new Map()
      this.batches.set(batch.mappingId, own)
      own.set(batch.id, batch)
      trim(own, maxBatches)
    }
    for (const [id, fresh] of Object.entries(points)) {
      const own = this.history.get(id) ?? []
      const last = own.at(-1)?.t ?? 0
      own.push(...fresh.filter(({ t }) => t > last))
      own.splice(0, own.length - maxPoints)
      this.history.set(id, own)
    }
    for (const letter of letters) this.letters.set(letter.id, letter)
    trim(this.letters, maxLetters)
    for (const table of tables) this.tables.set(`${table.functionKey} ${table.query}`, table)
  }

  /** @param {string} id of a mapping @returns {BatchState[]} the latest first */
  batchesOf(id) {
    return [...(this.batches.get(id)?.values() ?? [])].reverse()
  }

  /** @param {string} id of a mapping @returns {LetterState[]} the latest first */
  lettersOf(id) {
    return [...this.letters.values()].filter(({ mappingId }) => mappingId === id).reverse()
  }
}

/** @param {Map<unknown, unknown>} map @param {number} size */
function trim(map, size) {
  for (const key of map.keys()) {
    if (map.size <= size) return
    map.delete(key)
  }
}
