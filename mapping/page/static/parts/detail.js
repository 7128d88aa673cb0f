// One mapping in full: how it stands, its numbers, plots, batches, partitions, what was set aside, its last tables.

import { h, keyed, setAttribute, setText, setTexts, show } from '../draw/dom.js'
import { count, counted, setting, time } from '../draw/format.js'
import { act } from '../feed/actions.js'
import { batches } from './batches.js'
import { facts } from './facts.js'
import { faultForm } from './faults.js'
import { letters } from './letters.js'
import { statusWords } from './overview.js'
import { plots } from './plots.js'

/** @typedef {import('../feed/store.js').Store} Store */
/** @typedef {import('../../view/state.ts').MappingSummary} MappingSummary */
/** @typedef {import('../../view/state.ts').TableState} TableState */

/** @param {string} id of the mapping */
export function detail(id) {
  const title = h('h2')
  const status = h('span', { class: 'status' })
  const why = h('p', { class: 'why' })
  const settings = h('p', { class: 'quiet' })
  let isPaused = false
  const pause = h(
    'button',
    { type: 'button', onclick: () => act(`/mappings/${id}/${isPaused ? 'resume' : 'pause'}`) },
    'Pause',
  )
  const faults = faultForm(id)
  const parts = {
    facts: facts(),
    plots: plots(),
    batches: batches(),
    partitions: partitions(),
    letters: letters(),
    tables: tables(),
  }
  const node = h(
    'article',
    {},
    h(
      'header',
      { class: 'head' },
      h('div', {}, h('div', { class: 'title' }, title, status), settings),
      h('div', { class: 'buttons' }, pause, faults.button),
    ),
    why,
    faults.armed,
    parts.facts.node,
    parts.plots.node,
    section('Batches', parts.batches.node),
    h(
      'div',
      { class: 'columns' },
      section('Set aside', parts.letters.node),
      section('Partitions', parts.partitions.node),
    ),
    section('Last table', parts.tables.node),
    faults.dialog,
  )
  return {
    node,
    /** @param {MappingSummary} mapping @param {Store} store */
    update(mapping, store) {
      const { nowMs } = store
      setText(title, `${mapping.functionKey} ← ${mapping.topic}`)
      setAttribute(status, 'data-kind', mapping.status.kind)
      setText(status, statusWords[mapping.status.kind])
      setText(
        why,
        mapping.status.text.replace(/^[a-z]/, (first) => first.toUpperCase()),
      )
      show(why, mapping.status.text !== '')
      setAttribute(why, 'data-kind', mapping.status.kind)
      setText(settings, settingsText(mapping))
      isPaused = mapping.status.kind === 'paused'
      setText(pause, isPaused ? 'Resume' : 'Pause')
      faults.update(mapping.faults)
      const own = store.batchesOf(id)
      parts.facts.update(mapping, own, nowMs)
      parts.plots.update(store.history.get(id) ?? [], own, nowMs)
      parts.batches.update(own, mapping, nowMs)
      parts.partitions.update(mapping)
      parts.letters.update(store.lettersOf(id), nowMs)
      const { functionKey } = mapping
      parts.tables.update(
        [...store.tables.values()].filter((table) => table.functionKey === functionKey),
        nowMs,
      )
    },
  }
}

/** @param {string} name @param {Node} content */
const section = (name, content) => h('section', {}, h('h3', {}, name), content)

/** @param {MappingSummary} mapping */
function settingsText({ batchSize, windowMs, filters, consumerGroupId }) {
  const filter = filters === 0 ? '' : `, ${counted(filters, 'filter')}`
  return `group ${consumerGroupId}; a batch closes at ${count(batchSize)} records, after ${setting(windowMs)}, or at 6 MB${filter}`
}

function partitions() {
  const body = h('tbody')
  const rows = new Map()
  const empty = h(
    'p',
    { class: 'empty' },
    'No partition is assigned: the mapping is joining its group, or other members have them all.',
  )
  const heads = ['Partition', 'Next offset', 'Lag'].map((name) => h('th', { scope: 'col', class: 'number' }, name))
  const table = h('table', {}, h('thead', {}, h('tr', {}, ...heads, h('th', { scope: 'col' }, 'Watermark'))), body)
  return {
    node: h('div', {}, table, empty),
    /** @param {MappingSummary} mapping */
    update({ partitions: given, queries, topic }) {
      show(table, given.length > 0)
      show(empty, given.length === 0)
      const holding = new Set(queries.flatMap(({ heldBackBy }) => heldBackBy?.partition ?? []))
      keyed(
        body,
        rows,
        given,
        ({ partition }) => partition,
        () => {
          const cells = [
            h('td', { class: 'number' }),
            h('td', { class: 'number' }),
            h('td', { class: 'number' }),
            h('td'),
          ]
          return {
            node: h('tr', {}, ...cells),
            update({ partition, committed, lag }) {
              const held = holding.has(`${topic}-${partition}`) ? 'holds it back' : ''
              const texts = [String(partition), committed === null ? '–' : count(committed), count(lag), held]
              setTexts(cells, texts)
            },
          }
        },
      )
    },
  }
}

function tables() {
  const list = h('div')
  const parts = new Map()
  const empty = h(
    'p',
    { class: 'empty' },
    'No table was printed yet. A query with consoleSink() among its sinks prints one with each batch.',
  )
  return {
    node: h('div', {}, list, empty),
    /** @param {readonly TableState[]} given @param {number} nowMs */
    update(given, nowMs) {
      show(empty, given.length === 0)
      keyed(
        list,
        parts,
        given,
        ({ query }) => query,
        () => {
          const [caption, text] = [h('p', { class: 'quiet' }), h('pre', { tabindex: '0' })]
          return {
            node: h('div', {}, caption, text),
            update({ query, batch, at, text: table, cutLines }) {
              const cut = cutLines === 0 ? '' : `; ${counted(cutLines, 'line')} more in the terminal`
              setText(caption, `${query}, batch ${batch}, ${time(at, nowMs)}${cut}`)
              setText(text, table)
            },
          }
        },
      )
    },
  }
}
