// Elements of the page, made and changed by hand: text only ever becomes text, and what has not changed is not touched.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string | boolean | ((event: Event) => void)>>} [properties] attributes; `onclick` and its like listen
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (typeof value === 'boolean') element.toggleAttribute(name, value)
    else element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

/** @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/** A text for each. @param {readonly Node[]} nodes @param {readonly string[]} texts */
export function setTexts(nodes, texts) {
  for (const [index, node] of nodes.entries()) setText(node, texts[index] ?? '')
}

/** @param {Element} element @param {string} name @param {string | null} value null takes it away */
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name)
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/** @param {HTMLElement} element @param {boolean} isShown */
export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown
}

/**
 * The children of `parent` for some items, in their order: one that stays keeps its element, and the focus in it.
 *
 * @template Item
 * @template {{ readonly node: Element, readonly update: (item: Item) => void }} Part
 * @param {Pick<Element, 'firstElementChild' | 'insertBefore'>} parent
 * @param {Map<unknown, Part>} parts kept by the caller
 * @param {readonly Item[]} items
 * @param {(item: Item) => unknown} keyOf
 * @param {(item: Item) => Part} make
 */
export function keyed(parent, parts, items, keyOf, make) {
  const keys = new Set(items.map(keyOf))
  for (const [key, part] of parts) {
    if (keys.has(key)) continue
    part.node.remove()
    parts.delete(key)
  }
  let place = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    const part = parts.get(key) ?? make(item)
    parts.set(key, part)
    part.update(item)
    if (part.node === place) place = place.nextElementSibling
    else parent.insertBefore(part.node, place)
  }
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}
