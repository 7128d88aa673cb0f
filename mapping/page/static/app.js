// The page: it follows the feed, keeps what comes, and draws the overview and the mapping that the address names.

import { detail } from './detail.js'
import { byId, setAttribute, setText } from './dom.js'
import { follow } from './feed.js'
import { duration } from './format.js'
import { hashOf, overview } from './overview.js'
import { Store } from './store.js'

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
}

function drawConnection() {
  const texts = {
    connecting: 'Connecting …',
    live: 'Live',
    lost: `The mappings do not answer, for ${duration(Date.now() - lastMs)}. What is shown is from before.`,
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
    document.title = `${state.service}, Kafka mappings`
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
setInterval(() => connection !== 'live' && drawConnection(), 1_000)
