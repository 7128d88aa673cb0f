// The feed of the server, followed for as long as the page is open: where it breaks off, because the mappings are started anew, it is asked
// for again, and begins with the whole state.

/**
 * @param {{
 *   readonly state: (state: import('../../view/state.ts').PageState) => void,
 *   readonly change: (change: import('../../view/state.ts').PageChange) => void,
 *   readonly connection: (kind: 'live' | 'lost' | 'refused') => void,
 * }} listener
 */
export function follow(listener) {
  const feed = new EventSource('/feed')
  feed.addEventListener('state', ({ data }) => {
    listener.state(JSON.parse(data))
    listener.connection('live')
  })
  feed.addEventListener('change', ({ data }) => listener.change(JSON.parse(data)))
  feed.addEventListener('error', async () => {
    listener.connection('lost')
    // Some browsers give up where nothing listens, all of them where the answer is no feed.
    if (feed.readyState !== EventSource.CLOSED) return
    const status = await fetch('/icon.svg', { method: 'GET' }).then(
      ({ status: given }) => given,
      () => 0,
    )
    if (status === 401) listener.connection('refused')
    setTimeout(() => follow(listener), status === 401 ? 5_000 : 1_000)
  })
}
