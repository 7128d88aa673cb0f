// A batch in full: its offsets, stages and rows, its attempts, what is tried again; its payload, and a button that sends it again.

import { h, keyed, setAttribute, setText, show } from '../draw/dom.js'
import { count, counted, duration, span, time } from '../draw/format.js'
import { post } from '../feed/actions.js'
import { payloadView } from './payload.js'

/** @typedef {import('../../view/state.ts').BatchState} BatchState */
/** @typedef {import('../../view/state.ts').AttemptState} AttemptState */

export function batchDetails() {
  const facts = h('dl', { class: 'pairs' })
  const factParts = new Map()
  const attempts = h('ol', { class: 'attempts' })
  const attemptParts = new Map()
  const payload = payloadView()
  const answer = h('p', { class: 'answer', role: 'status' })
  /** @type {BatchState | undefined} */
  let batch
  const look = h('button', { type: 'button', onclick: () => batch && payload.toggle(batch.id) }, 'Payload')
  const again = h('button', { type: 'button', onclick: () => replay() }, 'Replay this batch')
  const note = h(
    'span',
    { class: 'quiet' },
    'The same event to the function once more, beside the mapping: no offset moves. State takes no record twice; a query without state prints and sends again.',
  )
  const missing = h('p', { class: 'quiet' })
  const buttons = h('div', { class: 'buttons' }, look, again, note)

  async function replay() {
    if (batch === undefined) return
    again.disabled = true
    setText(answer, 'Invoking …')
    const { message, answer: text } = await post(`/batches/${batch.id}/replay`)
    setText(answer, text === undefined || text === '' ? message : `${message} It returned ${text}`)
    again.disabled = false
  }

  return {
    node: h('div', { class: 'details' }, facts, attempts, buttons, missing, answer, payload.node),
    /** @param {BatchState} given @param {number} nowMs */
    update(given, nowMs) {
      batch = given
      keyed(
        facts,
        factParts,
        pairsOf(given),
        ([name]) => name,
        () => pair(),
      )
      keyed(
        attempts,
        attemptParts,
        given.attempts,
        ({ attempt, startedAtMs }) => `${attempt} ${startedAtMs}`,
        () => attemptPart(nowMs),
      )
      const isKept = given.payload === true
      show(buttons, isKept)
      show(missing, !isKept)
      setText(missing, isKept ? '' : String(given.payload))
    },
  }
}

function pair() {
  const [name, value] = [h('dt'), h('dd')]
  return {
    node: h('div', {}, name, value),
    /** @param {readonly [string, string]} given */
    update([label, text]) {
      setText(name, label)
      setText(value, text)
    },
  }
}

/** @param {BatchState} batch @returns {readonly (readonly [string, string])[]} */
function pairsOf({ spans, partitions, progress, attempts, retries, discarded }) {
  const took = attempts.at(-1)?.durationMs
  /** @type {(readonly [string, string])[]} */
  const pairs = [
    [
      'Offsets by partition',
      spans
        .toSorted((one, other) => one.partition - other.partition)
        .map(span)
        .join(', ') +
        (partitions > spans.length ? `, and ${counted(partitions - spans.length, 'partition')} more` : ''),
    ],
  ]
  if (progress !== null) {
    const rest =
      took === undefined || took === null ? '' : `, invocation ${duration(Math.max(0, took - progress.triggerMs))}`
    pairs.push(
      [
        'Stages',
        `decode ${duration(progress.decodeMs)}, rows, state and sinks ${duration(progress.addBatchMs)}${rest}`,
      ],
      [
        'Rows',
        `${count(progress.outputRows)} out, ${count(progress.lateRows)} late, ${counted(progress.deadLetters, 'dead letter')}`,
      ],
    )
  }
  if (retries.length > 0)
    pairs.push(['Tried again', retries.map(({ records }) => counted(records, 'record')).join(', then ')])
  if (discarded > 0) pairs.push(['Given up', counted(discarded, 'record')])
  return pairs
}

/** @param {number} nowMs */
function attemptPart(nowMs) {
  const node = h('li')
  return {
    node,
    /** @param {AttemptState} given */
    update({ attempt, startedAtMs, durationMs, outcome, message, records }) {
      const took = durationMs === null ? 'running' : `${duration(durationMs)}: ${message === '' ? outcome : message}`
      setAttribute(node, 'value', String(attempt))
      setAttribute(node, 'data-kind', outcome ?? 'running')
      setText(node, `${time(startedAtMs, nowMs)}, ${counted(records, 'record')}, ${took}`)
    },
  }
}
