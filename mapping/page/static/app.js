// The page: it follows the feed, keeps what comes, and draws the overview and the mapping that the address names.

import { byId, setAttribute, setText } from './draw/dom.js'
import { time } from './draw/format.js'
import { follow } from './feed/follow.js'
import { Store } from './feed/store.js'
import { detail } from './parts/detail.js'
import { hashOf, overview } from './parts/overview.js'

const store = new Store()
const summary = overview()
byId('overview').append(summary.node)

/** @type {Map<string, ReturnType<typeof detail>>} by the mapping's id */
const details = new Map()
let shown = ''
/** @type {'connecting' | 'live' | 'lost' | 'refused'} */
let connection = 'connecting'
let lastMs = Date.now()

function draw() {
  const { mappings } = store
  const selected = mappings.find((mapping) => hashOf(mapping) === location.hash) ?? mappings[0]
  if (selected === undefined) return
  summary.update(mappings, selected.id, store.nowMs)
  const view = details.get(selected.id) ?? detail(selected.id)
  details.set(selected.id, view)
  if (shown !== selected.id) byId('detail').replaceChildren(view.node)
  shown = selected.id
  view.update(selected, store)
  const failing = mappings.filter(({ status }) => status.kind === 'failing').length
  document.title = `${failing === 0 ? '' : `${failing} failing, `}${store.service}`
}

function drawConnection() {
  const texts = {
    connecting: 'Connecting …',
    live: 'Live',
    lost: `The mappings do not answer since ${time(lastMs, Date.now())}. What is shown is from before.`,
    refused: 'This page has no token any more. Open the address that the start printed.',
  }
  const element = byId('connection')
  setAttribute(element, 'data-kind', connection)
  setText(element, texts[connection])
  document.body.classList.toggle('stale', connection !== 'live')
}

follow({
  state: (state) => {
    // Another run may have other mappings under the same ids.
    details.clear()
    shown = ''
    store.begin(state)
    setText(byId('service'), state.service)
    lastMs = Date.now()
    draw()
  },
  change: (change) => {
    store.change(change)
    lastMs = Date.now()
    draw()
  },
  connection: (kind) => {
    connection = kind
    drawConnection()
  },
})
addEventListener('hashchange', draw)
// The address names a mapping, not a place on the page.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault()
  byId('detail').focus()
})
