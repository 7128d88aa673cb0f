// The payload of a batch, fetched when it is asked for: its records with keys and values as text, or as bytes where they are none.

import { h, setText, show } from '../draw/dom.js'
import { bytesOf, counted, hex, textOf, time } from '../draw/format.js'

const shownRecords = 200

/** @typedef {{ readonly topic: string, readonly partition: number, readonly offset: number, readonly timestamp?: number, readonly key?: string, readonly value?: string }} WireRecord */

export function payloadView() {
  const content = h('div')
  const node = h('div', { class: 'payload', hidden: true }, content)

  /** @param {number} batch */
  async function load(batch) {
    setText(content, 'Fetching …')
    try {
      const response = await fetch(`/batches/${batch}/payload`)
      if (!response.ok) return setText(content, (await response.text()).trim())
      content.replaceChildren(...recordsOf(await response.json(), batch))
    } catch {
      setText(content, 'The mappings do not answer: do they run?')
    }
  }

  return {
    node,
    /** @param {number} batch */
    toggle(batch) {
      show(node, node.hidden === true)
      if (!node.hidden) load(batch)
    },
  }
}

/** @param {{ readonly records: Readonly<Record<string, readonly WireRecord[]>> }} event @param {number} batch */
function recordsOf({ records }, batch) {
  const all = Object.values(records).flat()
  const rows = all
    .slice(0, shownRecords)
    .map(({ partition, offset, timestamp = 0, key, value }) =>
      h(
        'tr',
        {},
        h('td', { class: 'number' }, String(partition)),
        h('td', { class: 'number' }, String(offset)),
        h('td', {}, time(timestamp, Date.now())),
        h('td', {}, h('code', {}, shortText(key))),
        h('td', {}, h('code', {}, shortText(value))),
      ),
    )
  const names = ['Partition', 'Offset', 'Time', 'Key', 'Value']
  const head = names.map((name, index) => h('th', { scope: 'col', class: index < 2 ? 'number' : '' }, name))
  const link = h('a', { href: `/batches/${batch}/payload`, target: '_blank', rel: 'noreferrer' }, 'The event as JSON')
  const more = all.length > shownRecords ? `, of which the first ${shownRecords} are shown` : ''
  return [
    h('p', { class: 'quiet' }, `${counted(all.length, 'record')}${more}. `, link),
    h('div', { class: 'scroll tall' }, h('table', {}, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows))),
  ]
}

/** @param {string | null | undefined} base64 */
function shortText(base64) {
  if (base64 === undefined || base64 === null) return '–'
  const bytes = bytesOf(base64)
  const text = textOf(bytes.subarray(0, 2_000)) ?? `${counted(bytes.length, 'byte')}: ${hexLine(bytes)}`
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}

/** @param {Uint8Array} bytes */
const hexLine = (bytes) => [...bytes.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** The bytes of a key or a value in full: as text where they are, and as a hex dump. @param {string} name @param {string | null} base64 */
export function bytesView(name, base64) {
  if (base64 === null) return h('p', { class: 'quiet' }, `${name}: none`)
  const bytes = bytesOf(base64)
  const text = textOf(bytes)
  return h(
    'div',
    {},
    h('p', { class: 'quiet' }, `${name}, ${counted(bytes.length, 'byte')}`),
    ...(text === undefined || text === '' ? [] : [h('pre', { tabindex: '0' }, text)]),
    h('pre', { tabindex: '0', class: 'hex' }, hex(bytes)),
  )
}
