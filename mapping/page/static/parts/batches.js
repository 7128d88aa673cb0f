// The last batches of a mapping, a line each: why it closed, what it weighed, how long it took, what came of it. A line opens its details.

import { h, keyed, setAttribute, setText, setTexts, show } from '../draw/dom.js'
import { bytes, count, duration, setting, time } from '../draw/format.js'
import { batchDetails } from './batch-details.js'

/** @typedef {import('../../view/state.ts').BatchState} BatchState */
/** @typedef {import('../../view/state.ts').MappingSummary} MappingSummary */

const shownAtFirst = 12
const columns = ['Closed', 'Why', 'Records', 'Size', 'Filtered', 'Waited', 'Took', 'Attempts', 'Outcome']
const numbers = new Set(['Records', 'Size', 'Filtered', 'Waited', 'Took', 'Attempts'])

export function batches() {
  const list = h('table', { class: 'batches' })
  const head = columns.map((name) => h('th', { scope: 'col', class: numbers.has(name) ? 'number' : '' }, name))
  list.append(h('thead', {}, h('tr', {}, ...head)))
  const parts = new Map()
  let most = shownAtFirst
  const more = h('button', {
    type: 'button',
    class: 'link',
    onclick: () => {
      most = most === shownAtFirst ? 200 : shownAtFirst
    },
  })
  const empty = h('p', { class: 'empty' })
  /** @type {MappingSummary | undefined} */
  let mapping
  let nowMs = 0
  const make = () =>
    batchPart(
      () => mapping,
      () => nowMs,
    )
  return {
    node: h('div', {}, h('div', { class: 'scroll' }, list), empty, more),
    /** @param {readonly BatchState[]} given the latest first @param {MappingSummary} of @param {number} now */
    update(given, of, now) {
      mapping = of
      nowMs = now
      show(list, given.length > 0)
      show(empty, given.length === 0)
      setText(
        empty,
        `No batch has closed yet. One closes ${setting(of.windowMs)} after its first record, at ${count(of.batchSize)} records, or at 6 MB.`,
      )
      show(more, given.length > shownAtFirst)
      setText(more, most === shownAtFirst ? `Show all ${count(given.length)}` : 'Show fewer')
      // One that is open stays, however many have come since.
      const shown = given.filter(({ id }, index) => index < most || parts.get(id)?.isOpen())
      const wrapper = listOf(list)
      keyed(wrapper, parts, shown, ({ id }) => id, make)
    },
  }
}

/** Each batch is a body of its own, so that its line and its details stay together. @param {HTMLTableElement} table */
const listOf = (table) => ({
  get firstElementChild() {
    return table.tBodies[0] ?? null
  },
  /** @template {Node} Part @param {Part} node @param {Node | null} before */
  insertBefore: (node, before) => table.insertBefore(node, before),
})

/** @param {() => MappingSummary | undefined} mappingNow @param {() => number} nowMs */
function batchPart(mappingNow, nowMs) {
  const open = h('button', { type: 'button', class: 'open', 'aria-expanded': 'false' })
  const outcome = h('span', { class: 'outcome' })
  const cells = columns
    .slice(1, -1)
    .map((name) => h('td', { class: numbers.has(name) ? 'number' : '', 'data-label': name }))
  const line = h('tr', {}, h('th', { scope: 'row' }, open), ...cells, h('td', {}, outcome))
  const inside = batchDetails()
  const below = h('tr', { class: 'below', hidden: true }, h('td', { colspan: String(columns.length) }, inside.node))
  open.addEventListener('click', () => {
    below.hidden = !below.hidden
    setAttribute(open, 'aria-expanded', String(!below.hidden))
    if (batch !== undefined && !below.hidden) inside.update(batch, nowMs())
  })
  /** @type {BatchState | undefined} */
  let batch
  return {
    node: h('tbody', {}, line, below),
    isOpen: () => !below.hidden,
    /** @param {BatchState} given */
    update(given) {
      batch = given
      const now = nowMs()
      const took = given.attempts.at(-1)?.durationMs ?? null
      setText(open, time(given.closedAtMs, now))
      const texts = [
        reasonText(given, mappingNow()),
        count(given.records),
        bytes(given.bytes),
        count(given.filteredOut),
        duration(given.waitedMs),
        took === null ? '–' : duration(took),
        count(given.attempts.at(-1)?.attempt ?? 0),
      ]
      setTexts(cells, texts)
      line.classList.toggle('again', (given.attempts.at(-1)?.attempt ?? 0) > 1)
      setAttribute(outcome, 'data-kind', given.outcome)
      setText(outcome, outcomeText(given, now))
      if (!below.hidden) inside.update(given, now)
    },
  }
}

/** @param {BatchState} batch @param {MappingSummary | undefined} mapping */
function reasonText({ reason }, mapping) {
  if (reason === 'payload') return '6 MB'
  if (mapping === undefined) return reason
  return reason === 'size' ? `size, ${count(mapping.batchSize)}` : `window, ${setting(mapping.windowMs)}`
}

/** @param {BatchState} batch @param {number} nowMs */
function outcomeText({ outcome, retries, discarded }, nowMs) {
  const [next] = retries
  if (outcome === 'retrying' && next !== undefined)
    return next.dueAtMs > nowMs ? `again in ${duration(next.dueAtMs - nowMs)}` : 'again, as soon as it may'
  if (outcome === 'gone') return discarded > 0 ? `${count(discarded)} given up` : 'another member has it'
  return { waiting: 'waiting', running: 'running', ok: 'ok', retrying: 'retrying' }[outcome]
}
