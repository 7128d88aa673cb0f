// The buttons: a request to the server, and what it answers said in one line at the foot of the page.

import { byId, setText } from '../draw/dom.js'

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/** @param {string} text */
export function say(text) {
  const said = byId('said')
  setText(said, text)
  said.hidden = false
  clearTimeout(timer)
  timer = setTimeout(() => {
    said.hidden = true
  }, 6_000)
}

/**
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<{ readonly isDone: boolean, readonly message: string, readonly answer?: string }>}
 */
export async function post(path, body = {}) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    const answer = isJson ? await response.json() : { message: (await response.text()).trim() }
    return { ...answer, isDone: response.ok }
  } catch {
    return { isDone: false, message: 'The mappings do not answer: do they run?' }
  }
}

/** @param {string} path @param {object} [body] */
export async function act(path, body) {
  say((await post(path, body)).message)
}
