// The plots of a mapping, drawn by uPlot: its rates, the stages of its batches, how far the watermark is behind, its lag. Five minutes up to
// now; the value under the pointer, or the last one, stands in the caption.

import uPlot from '/vendor/uPlot.esm.js'
import { h, setText, show } from '../draw/dom.js'
import { count, duration, rate } from '../draw/format.js'

/** @typedef {import('../../view/state.ts').HistoryPoint} HistoryPoint */
/** @typedef {import('../../view/state.ts').BatchState} BatchState */
/** @typedef {readonly (readonly (number | null)[])[]} Data the times, then a list for each series */

/**
 * @typedef {{
 *   readonly title: string,
 *   readonly series: readonly { readonly name: string, readonly color: string }[],
 *   readonly format: (value: number) => string,
 *   readonly isStacked?: boolean,
 * }} PlotOptions
 */

const seconds = 300
const height = 112

/** A colour of style/base.css as a canvas takes it. @param {Element} element @param {string} name of its variable */
function colorOf(element, name) {
  const probe = h('i')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** @param {PlotOptions} options */
function plot({ title, series, format, isStacked = false }) {
  const values = series.map(() => h('b', {}, '–'))
  const legend = series.map(({ name, color }, index) =>
    h('span', { class: 'key' }, h('i', { class: `swatch ${color}` }), `${name} `, values[index] ?? ''),
  )
  const place = h('div', { class: 'canvas', role: 'img', 'aria-label': title })
  const empty = h('p', { class: 'empty', hidden: true })
  const node = h('figure', { class: 'plot' }, h('figcaption', {}, h('strong', {}, title), ...legend), place, empty)
  /** @type {uPlot | undefined} */
  let drawn
  /** @type {Data} */
  let data = [[]]

  function tell() {
    const at = drawn?.cursor.idx ?? (data[0]?.length ?? 0) - 1
    series.forEach((_, index) => {
      const value = data[index + 1]?.[at]
      const below = isStacked ? (data[index + 2]?.[at] ?? 0) : 0
      const label = values[index]
      if (label !== undefined) setText(label, value === null || value === undefined ? '–' : format(value - below))
    })
  }

  function draw() {
    drawn?.destroy()
    const width = place.clientWidth
    if (width === 0) return
    const quiet = colorOf(node, '--quiet')
    const line = colorOf(node, '--line')
    const axis = { stroke: quiet, font: `11px ${getComputedStyle(node).fontFamily}`, grid: { stroke: line, width: 1 } }
    drawn = new uPlot(
      {
        ...{ width, height },
        legend: { show: false },
        cursor: { sync: { key: 'time' }, drag: { setScale: false, x: false, y: false }, points: { size: 5 } },
        scales: {
          x: { range: () => [now - seconds, now] },
          y: { range: (_, __, max) => [0, Math.max(1, (max ?? 0) * 1.15)] },
        },
        axes: [
          { ...axis, size: 26, gap: 7, space: 48, ticks: { show: false }, values: clockTicks },
          { ...axis, size: 46, gap: 4, space: 34, ticks: { show: false }, values: (_, ticks) => ticks.map(format) },
        ],
        series: [
          {},
          ...series.map(({ name, color }) => {
            const stroke = colorOf(node, `--${color}`)
            return isStacked
              ? {
                  label: name,
                  stroke,
                  fill: stroke,
                  width: 0,
                  ...(bars === undefined ? {} : { paths: bars }),
                  points: { show: false },
                }
              : { label: name, stroke, width: 1.5, points: { show: false }, spanGaps: false }
          }),
        ],
        hooks: { setCursor: [tell] },
      },
      /** @type {uPlot.AlignedData} */ (data.map((list) => [...list])),
      place,
    )
    tell()
  }

  let now = 0
  new ResizeObserver(() => {
    if (drawn === undefined) draw()
    else drawn.setSize({ width: place.clientWidth, height })
  }).observe(place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)

  return {
    node,
    /** @param {Data} given @param {number} nowMs @param {string} why there is nothing, where there is nothing */
    update(given, nowMs, why) {
      data = given
      now = nowMs / 1000
      const isEmpty = given.slice(1).every((list) => list.every((value) => value === null))
      show(place, !isEmpty)
      show(empty, isEmpty)
      setText(empty, why)
      if (isEmpty) return
      if (drawn === undefined) draw()
      else drawn.setData(/** @type {uPlot.AlignedData} */ (given.map((list) => [...list])))
      tell()
    },
  }
}

const bars = uPlot.paths.bars?.({ size: [0.7, 9, 2] })

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** @param {uPlot} _ @param {readonly number[]} ticks */
const clockTicks = (_, ticks) => ticks.map((tick) => (tick % 60 === 0 ? clock.format(tick * 1000) : ''))

/** The plots of one mapping. */
export function plots() {
  const rates = plot({
    title: 'Records per second',
    series: [
      { name: 'in', color: 'input' },
      { name: 'processed', color: 'output' },
    ],
    format: rate,
  })
  const stages = plot({
    title: 'Batch duration',
    // Drawn one over the other, the tallest first.
    series: [
      { name: 'invocation', color: 'stage-1' },
      { name: 'decode', color: 'stage-2' },
      { name: 'rows, state and sinks', color: 'stage-3' },
    ],
    format: duration,
    isStacked: true,
  })
  const gap = plot({
    title: 'Watermark behind the latest event',
    series: [{ name: '', color: 'mark' }],
    format: duration,
  })
  const lag = plot({ title: 'Lag', series: [{ name: 'records', color: 'lag' }], format: count })
  return {
    node: h('div', { class: 'plots' }, rates.node, stages.node, gap.node, lag.node),
    /** @param {readonly HistoryPoint[]} history @param {readonly BatchState[]} batches the latest first @param {number} nowMs */
    update(history, batches, nowMs) {
      const recent = history.filter(({ t }) => t >= nowMs / 1000 - seconds - 10)
      const times = recent.map(({ t }) => t)
      const none = 'Nothing yet: the first second is being counted.'
      rates.update(
        [times, smooth(recent.map(({ polled }) => polled)), smooth(recent.map(({ handled }) => handled))],
        nowMs,
        none,
      )
      gap.update(
        [times, recent.map(({ gapMs }) => gapMs)],
        nowMs,
        'There is no watermark: the query has none, or has seen no event time yet.',
      )
      lag.update([times, recent.map(({ lag: records }) => records)], nowMs, none)
      stages.update(stageData(batches, nowMs), nowMs, 'No batch has ended yet.')
    },
  }
}

/** Batches come every few seconds: a second alone says little. @param {readonly number[]} perSecond over the last ten */
const smooth = (perSecond) =>
  perSecond.map((_, index) => {
    const window = perSecond.slice(Math.max(0, index - 9), index + 1)
    return window.reduce((sum, value) => sum + value, 0) / window.length
  })

/** @param {readonly BatchState[]} batches @param {number} nowMs @returns {Data} */
function stageData(batches, nowMs) {
  const ended = batches
    .flatMap(({ closedAtMs, attempts, progress }) => {
      const last = attempts.at(-1)
      if (last === undefined || last.durationMs === null || closedAtMs < nowMs - seconds * 1000) return []
      const decode = progress?.decodeMs ?? 0
      const add = progress?.addBatchMs ?? 0
      return [{ t: closedAtMs / 1000, total: Math.max(last.durationMs, decode + add), lower: decode + add, add }]
    })
    .reverse()
  return [
    ended.map(({ t }) => t),
    ended.map(({ total }) => total),
    ended.map(({ lower }) => lower),
    ended.map(({ add }) => add),
  ]
}
