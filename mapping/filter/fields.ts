// The fields of a JSON message that a filter asks for, each with the array elements it stands in. event-ruler crushes arrays
// out of paths and then refuses any match of two fields from different elements of one array (README, "JSON Array Matching").

import { isArray, isObject, type Json, type Leaf } from './leaf.ts'

/** The elements around a field, innermost first. */
export interface Elements {
  /** Counts the arrays of one message. */
  readonly array: number
  readonly index: number
  readonly outer: Elements | undefined
}

export interface Field {
  readonly leaf: Leaf
  readonly elements: Elements | undefined
}

interface PathNode {
  readonly children: Map<string, PathNode>
  slot: number | undefined
}

/** Answers, for each of the paths in their order, the fields of a message. */
export type FieldReader = (message: Json) => ReadonlyArray<readonly Field[]>

/**
 * @param paths joined with dots; their first part is what the message itself is called
 * @example fieldReader(['value.a'])({ a: [1, 2] }) // [[{ leaf: 1, … }, { leaf: 2, … }]]
 */
export function fieldReader(paths: readonly string[]): FieldReader {
  const root = newNode()
  for (const [slot, path] of paths.entries()) {
    let node = root
    for (const part of path.split('.').slice(1)) {
      const child = node.children.get(part) ?? newNode()
      node.children.set(part, child)
      node = child
    }
    node.slot = slot
  }

  return (message) => {
    const fields: Field[][] = paths.map(() => [])
    let arrays = 0
    // A stack of its own: a message may nest deeper than calls can.
    const open: Array<{ value: Json; node: PathNode; elements: Elements | undefined }> = [
      { value: message, node: root, elements: undefined },
    ]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { value, node, elements } = next
      if (isArray(value)) {
        const array = arrays
        arrays += 1
        for (const [index, element] of value.entries()) {
          // Scalars count as values of the field with the array; only what has fields of its own is an element.
          const isScalar = !isArray(element) && !isObject(element)
          open.push({ value: element, node, elements: isScalar ? elements : { array, index, outer: elements } })
        }
      } else if (isObject(value)) {
        if (node.children.size === 0) continue
        for (const [key, child] of Object.entries(value)) {
          const target = nodeAt(node, key)
          if (target !== undefined) open.push({ value: child, node: target, elements })
        }
      } else if (node.slot !== undefined) fields[node.slot]?.push({ leaf: value, elements })
    }
    return fields
  }
}

const newNode = (): PathNode => ({ children: new Map(), slot: undefined })

function nodeAt(node: PathNode, key: string): PathNode | undefined {
  if (!key.includes('.')) return node.children.get(key)
  let target: PathNode | undefined = node
  for (const part of key.split('.')) target = target?.children.get(part)
  return target
}
