// Faults on purpose: a dialog that arms one, and those that are armed, each with a button that takes it back.

import { h, keyed, setText, show } from '../draw/dom.js'
import { act, post, say } from '../feed/actions.js'

const kinds = /** @type {const} */ ([
  [
    'throw',
    'Throw',
    'The function is not called, and counts as having thrown: the whole batch comes again, after a pause that grows.',
  ],
  [
    'lostAnswer',
    'Lose the answer',
    'The function does its work, and its answer is lost: the same batch comes again. State counts no record twice.',
  ],
  [
    'throttle',
    'Throttle',
    'The function is not called: it is at its limit. The batch comes again, and fewer invocations run at once.',
  ],
  ['slow', 'Slow down', 'The function is called after a delay. Its partitions wait, records gather, lag grows.'],
  [
    'duplicate',
    'Deliver twice',
    'The function is called twice with the same records, as Kafka and Lambda may. State counts them once.',
  ],
  ['rebalance', 'Rebalance', 'The mapping leaves its consumer group and joins it again: partitions are divided anew.'],
])

/** @param {string} id of the mapping */
export function faultForm(id) {
  const choices = kinds.map(([value, name, what], index) =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'radio', name: `fault-${id}`, value, ...(index === 0 ? { checked: '' } : {}) }),
      h('span', {}, h('strong', {}, name), h('span', { class: 'quiet' }, what)),
    ),
  )
  const nth = number('From invocation (1: the next)', 'nth', '1', '10000')
  const times = number('How many in a row', 'times', '1', '10000')
  const delay = number('Delay, milliseconds', 'delayMs', '2000', '900000')
  const counts = h('div', { class: 'counts' }, nth.node, times.node, delay.node)
  const dialog = h('dialog', { 'aria-label': 'Inject a fault' })
  const chosen = () =>
    /** @type {HTMLInputElement | null} */ (form.querySelector('input[type=radio]:checked'))?.value ?? 'throw'
  const form = h(
    'form',
    { method: 'dialog', onsubmit: () => inject() },
    h('h3', {}, 'Inject a fault'),
    h('div', { class: 'choices' }, ...choices),
    counts,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
      h('button', { type: 'submit', class: 'primary' }, 'Inject'),
    ),
  )
  const update = () => {
    const kind = chosen()
    show(counts, kind !== 'rebalance')
    show(delay.node, kind === 'slow')
  }
  form.addEventListener('change', update)
  update()
  dialog.append(form)

  async function inject() {
    const kind = chosen()
    const body =
      kind === 'rebalance'
        ? { kind }
        : { kind, nth: nth.value(), times: times.value(), ...(kind === 'slow' ? { delayMs: delay.value() } : {}) }
    say((await post(`/mappings/${id}/faults`, body)).message)
  }

  const armed = h('ul', { class: 'armed' })
  const parts = new Map()
  return {
    dialog,
    armed,
    button: h('button', { type: 'button', onclick: () => dialog.showModal() }, 'Inject a fault …'),
    /** @param {readonly { readonly id: number, readonly text: string }[]} given */
    update(given) {
      show(armed, given.length > 0)
      keyed(
        armed,
        parts,
        given,
        (fault) => fault.id,
        (fault) => {
          const text = h('span')
          const cancel = () => act(`/mappings/${id}/faults/${fault.id}`)
          return {
            node: h('li', {}, text, h('button', { type: 'button', class: 'link', onclick: cancel }, 'Cancel')),
            update: ({ text: words }) => setText(text, `Armed: ${words}`),
          }
        },
      )
    },
  }
}

/** @param {string} label @param {string} name @param {string} value @param {string} max */
function number(label, name, value, max) {
  const input = h('input', { type: 'number', name, value, min: '1', max, required: '' })
  return { node: h('label', {}, label, input), value: () => Number(input.value) }
}
