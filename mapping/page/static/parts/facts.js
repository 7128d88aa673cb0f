// The numbers of one mapping and its queries, each with what it means beside it.

import { h, keyed, setText, show } from '../draw/dom.js'
import { bytes, count, counted, duration, rate, time } from '../draw/format.js'

/** @typedef {import('../../view/state.ts').MappingSummary} MappingSummary */
/** @typedef {import('../../view/state.ts').QueryState} QueryState */
/** @typedef {import('../../view/state.ts').BatchState} BatchState */
/** @typedef {{ readonly name: string, readonly value: string, readonly note: string }} Fact */

export function facts() {
  const list = h('dl', { class: 'facts' })
  const parts = new Map()
  const none = h('p', { class: 'empty', hidden: true })
  return {
    node: h('div', {}, list, none),
    /** @param {MappingSummary} mapping @param {readonly BatchState[]} batches @param {number} nowMs */
    update(mapping, batches, nowMs) {
      const { queries } = mapping
      const isNamed = queries.length > 1
      const all = [
        ...mappingFacts(mapping, batches),
        ...queries.flatMap((query) =>
          queryFacts(query, nowMs).map((fact) => (isNamed ? { ...fact, name: `${fact.name} of ${query.name}` } : fact)),
        ),
      ]
      keyed(list, parts, all, ({ name }) => name, fact)
      show(none, queries.length === 0)
      const isHandled = mapping.totals.InvokedEventCount > 0
      setText(
        none,
        isHandled
          ? 'Watermark, state and late rows are not known: the function told no progress. A kafkaHandler returns it; one with partial batches has to print it (docs/page.md).'
          : 'Watermark, state and late rows come with the first batch.',
      )
    },
  }
}

function fact() {
  const [name, value, note] = [h('dt'), h('dd', { class: 'value' }), h('dd', { class: 'note' })]
  return {
    node: h('div', {}, name, value, note),
    /** @param {Fact} given */
    update(given) {
      setText(name, given.name)
      setText(value, given.value)
      setText(note, given.note)
    },
  }
}

/** @param {MappingSummary} mapping @param {readonly BatchState[]} batches @returns {readonly Fact[]} */
function mappingFacts({ inputRate, processedRate, totals, partitions }, batches) {
  const durations = batches.flatMap(({ attempts }) => attempts.at(-1)?.durationMs ?? []).slice(0, 50)
  const [last] = durations
  const median = durations.toSorted((one, other) => one - other)[Math.floor(durations.length / 2)]
  const greatest = partitions.toSorted((one, other) => other.lag - one.lag)[0]
  return [
    { name: 'Input rate', value: `${rate(inputRate)} /s`, note: `${count(totals.PolledEventCount)} read` },
    {
      name: 'Process rate',
      value: `${rate(processedRate)} /s`,
      note: `${count(totals.CommittedEventCount)} committed`,
    },
    {
      name: 'Batch duration',
      value: last === undefined ? '–' : duration(last),
      note: median === undefined ? 'no batch has ended' : `median ${duration(median)}`,
    },
    {
      name: 'Lag',
      value: count(partitions.reduce((sum, { lag }) => sum + lag, 0)),
      note:
        greatest === undefined
          ? 'no partition is assigned'
          : greatest.lag === 0
            ? counted(partitions.length, 'partition')
            : `most in partition ${greatest.partition}`,
    },
    {
      name: 'Failed invocations',
      value: count(totals.InvokeErrorCount),
      note: totals.DroppedEventCount === 0 ? 'none dropped' : `${count(totals.DroppedEventCount)} records dropped`,
    },
  ]
}

/** @param {QueryState} query @param {number} nowMs @returns {readonly Fact[]} */
function queryFacts(query, nowMs) {
  const { watermarkMs, latestMs, heldBackBy, state } = query
  /** @type {readonly Fact[]} */
  const times =
    watermarkMs === null && latestMs === null
      ? []
      : [
          {
            name: 'Watermark',
            value: watermarkMs === null ? 'none yet' : time(watermarkMs, nowMs),
            note: watermarkMs === null ? '' : `${duration(nowMs - watermarkMs)} behind now`,
          },
          {
            name: 'Latest event',
            value: latestMs === null ? '–' : time(latestMs, nowMs),
            note: watermarkMs === null || latestMs === null ? '' : `watermark + ${duration(latestMs - watermarkMs)}`,
          },
          {
            name: 'Held back by',
            value: heldBackBy === null ? '–' : heldBackBy.partition.replace(/^.*-(?=\d+$)/, 'partition '),
            note:
              heldBackBy === null
                ? 'no partition'
                : heldBackBy.eventTimeMs === null
                  ? 'it has shown no event time'
                  : `its latest is ${time(heldBackBy.eventTimeMs, nowMs)}`,
          },
        ]
  /** @type {readonly Fact[]} */
  const kept =
    state === null
      ? []
      : [
          {
            name: 'State',
            value: counted(state.rows, 'row'),
            note: `${bytes(state.bytes)}, ${counted(state.segments, 'segment')}`,
          },
        ]
  return [
    ...times,
    ...kept,
    { name: 'Late rows', value: count(query.lateRows), note: `${count(query.withoutEventTime)} without event time` },
    {
      name: 'Dead letters',
      value: count(query.deadLetters),
      note: `${count(query.droppedMalformed)} dropped as malformed`,
    },
    {
      name: 'Rows out',
      value: count(query.outputRows),
      note: `${rate(query.processedRowsPerSecond)} rows/s in a batch`,
    },
  ]
}
