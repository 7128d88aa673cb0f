// What was set aside: dead letters of the queries and what the mapping gave up, each with its reason; opened, the bytes of the record.

import { h, keyed, setText, show } from '../draw/dom.js'
import { counted, time } from '../draw/format.js'
import { bytesView } from './payload.js'

/** @typedef {import('../../view/state.ts').LetterState} LetterState */

export function letters() {
  const list = h('div', { class: 'letters' })
  const parts = new Map()
  const empty = h('p', { class: 'empty' }, 'Nothing was set aside: no record was bad, none was given up.')
  return {
    node: h('div', {}, list, empty),
    /** @param {readonly LetterState[]} given the latest first @param {number} nowMs */
    update(given, nowMs) {
      show(empty, given.length === 0)
      keyed(
        list,
        parts,
        given,
        ({ id }) => id,
        (letter) => letterPart(letter, nowMs),
      )
    },
  }
}

/** A letter never changes. @param {LetterState} letter @param {number} nowMs */
function letterPart(letter, nowMs) {
  const { at, kind, query, reason, detail, place, records, record } = letter
  const by = kind === 'dead letter' ? (query ?? '') : `${kind}, ${counted(records, 'record')}`
  const content = h('div')
  const node = h(
    'details',
    {},
    h(
      'summary',
      {},
      h('time', {}, time(at, nowMs)),
      h('strong', {}, reason),
      h('span', {}, place),
      h('span', { class: 'quiet' }, by),
    ),
    h('p', {}, detail),
    content,
  )
  node.addEventListener('toggle', () => {
    if (content.childElementCount > 0) return
    if (record === null) {
      const p = h('p', { class: 'quiet' })
      setText(p, 'Its bytes are not kept here: the payload they came in was let go, or these are several records.')
      content.append(p)
      return
    }
    const cut =
      record.cutBytes === 0 ? [] : [h('p', { class: 'quiet' }, `${counted(record.cutBytes, 'byte')} are left out.`)]
    content.append(bytesView('Value', record.value), bytesView('Key', record.key), ...cut)
  })
  return { node, update: () => undefined }
}
