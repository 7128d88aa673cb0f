// All mappings at a glance, a line each; a click, or Enter, shows one in full.

import { h, keyed, setAttribute, setText, setTexts } from '../draw/dom.js'
import { count, duration, rate } from '../draw/format.js'

/** @typedef {import('../../view/state.ts').MappingSummary} MappingSummary */

export const statusWords = {
  ...{ starting: 'starting', running: 'running', idle: 'idle', failing: 'failing' },
  ...{ paused: 'paused', waiting: 'waiting', stopped: 'stopped' },
}

const columns = [
  'Mapping',
  'Status',
  'In /s',
  'Processed /s',
  'Lag',
  'Watermark age',
  'State rows',
  'Late',
  'Dead letters',
]

/** @param {MappingSummary} mapping */
export const hashOf = ({ functionKey, topic }) => `#${encodeURIComponent(functionKey)}/${encodeURIComponent(topic)}`

/** @param {MappingSummary} mapping @returns {number} */
export const setAside = ({ queries, totals }) =>
  queries.reduce((sum, { deadLetters }) => sum + deadLetters, 0) +
  totals.DroppedEventCount +
  totals.OnFailureDestinationDeliveredEventCount

export function overview() {
  const body = h('tbody')
  const parts = new Map()
  const head = h(
    'tr',
    {},
    ...columns.map((name, index) => h('th', { scope: 'col', class: index > 1 ? 'number' : '' }, name)),
  )
  const node = h('div', { class: 'scroll' }, h('table', { class: 'overview' }, h('thead', {}, head), body))
  return {
    node,
    /** @param {readonly MappingSummary[]} mappings @param {string} selected its id @param {number} nowMs */
    update(mappings, selected, nowMs) {
      keyed(
        body,
        parts,
        mappings,
        ({ id }) => id,
        () => row(),
      )
      for (const mapping of mappings) parts.get(mapping.id)?.mark(mapping.id === selected, nowMs)
    },
  }
}

function row() {
  const link = h('a', {})
  const status = h('span', { class: 'status' })
  const cells = columns.slice(2).map((name) => h('td', { class: 'number', 'data-label': name }))
  const node = h('tr', {}, h('th', { scope: 'row' }, link), h('td', {}, status), ...cells)
  /** @type {MappingSummary | undefined} */
  let mapping
  return {
    node,
    /** @param {MappingSummary} given */
    update(given) {
      mapping = given
      setAttribute(link, 'href', hashOf(given))
      setText(link, `${given.functionKey} ← ${given.topic}`)
      setAttribute(status, 'data-kind', given.status.kind)
      setText(status, statusWords[given.status.kind])
      setAttribute(status, 'title', given.status.text)
    },
    /** @param {boolean} isSelected @param {number} nowMs */
    mark(isSelected, nowMs) {
      if (mapping === undefined) return
      setAttribute(link, 'aria-current', isSelected ? 'true' : null)
      node.classList.toggle('selected', isSelected)
      const { queries, partitions } = mapping
      const watermarks = queries.flatMap(({ watermarkMs }) => (watermarkMs === null ? [] : [watermarkMs]))
      const states = queries.flatMap(({ state }) => (state === null ? [] : [state.rows]))
      const texts = [
        rate(mapping.inputRate),
        rate(mapping.processedRate),
        count(partitions.reduce((sum, { lag }) => sum + lag, 0)),
        watermarks.length === 0 ? '–' : duration(nowMs - Math.min(...watermarks)),
        states.length === 0 ? '–' : count(states.reduce((sum, rows) => sum + rows, 0)),
        count(queries.reduce((sum, { lateRows }) => sum + lateRows, 0)),
        count(setAside(mapping)),
      ]
      setTexts(cells, texts)
    },
  }
}
