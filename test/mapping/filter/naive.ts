// The same question answered the slow way, to compare the filter with: every field of the message with the array elements
// around it, every choice of one field for each path, and a match where no choice contradicts itself.

interface NaiveField {
  readonly path: string
  readonly value: unknown
  /** `path of an array` -> index, as texts. */
  readonly elements: readonly string[]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function fieldsOf(value: unknown, path: string, elements: readonly string[], place = ''): NaiveField[] {
  if (Array.isArray(value))
    return value.flatMap((element: unknown, index) => {
      const inner = typeof element === 'object' && element !== null ? [...elements, `${place}=${index}`] : elements
      return fieldsOf(element, path, inner, `${place}[${index}]`)
    })
  if (isRecord(value))
    return Object.entries(value).flatMap(([key, child]) =>
      fieldsOf(child, path === '' ? key : `${path}.${key}`, elements, `${place}/${JSON.stringify(key)}`),
    )
  return [{ path, value, elements }]
}

/** Every combination of `$or`, as path -> entries. */
function combinations(pattern: object, path: string, before: ReadonlyArray<ReadonlyMap<string, readonly unknown[]>>) {
  let all = before
  for (const [key, value] of Object.entries(pattern)) {
    const name = path === '' ? key : `${path}.${key}`
    if (key === '$or') {
      const start = all
      all = value.flatMap((part: object) => combinations(part, path, start))
    } else if (Array.isArray(value)) all = all.map((fields) => new Map([...fields, [name, value]]))
    else all = combinations(value, name, all)
  }
  return all
}

const isConsistent = (one: readonly string[], other: readonly string[]): boolean =>
  one.every((a) => other.every((b) => a === b || a.slice(0, a.lastIndexOf('=')) !== b.slice(0, b.lastIndexOf('='))))

export function isNaiveMatch(pattern: object, event: unknown): boolean {
  const fields = fieldsOf(event, '', [])
  return combinations(pattern, '', [new Map()]).some((combination) => {
    let choices: Array<readonly string[]> = [[]]
    for (const path of [...combination.keys()].sort()) {
      const entries = combination.get(path) ?? []
      const here = fields.filter((field) => field.path === path)
      choices = choices.flatMap((elements) => {
        const reachable = here.filter((field) => isConsistent(elements, field.elements))
        const taken = reachable.filter((field) => entries.some((entry) => takes(entry, field.value)))
        const absent = reachable.length === 0 && entries.some((entry) => isRecord(entry) && entry.exists === false)
        return [...(absent ? [elements] : []), ...taken.map((field) => [...elements, ...field.elements])]
      })
    }
    return choices.length > 0
  })
}

function takes(entry: unknown, value: unknown): boolean {
  if (!isRecord(entry)) return Object.is(entry, value)
  const [operator = '', operand] = Object.entries(entry)[0] ?? []
  if (operator === 'exists') return operand === true
  if (operator === 'numeric' && Array.isArray(operand)) {
    if (typeof value !== 'number') return false
    for (let index = 0; index < operand.length; index += 2) {
      const difference = Math.sign(value - operand[index + 1])
      const allowed = { '=': [0], '<': [-1], '<=': [-1, 0], '>': [1], '>=': [0, 1] }[String(operand[index])] ?? []
      if (!allowed.includes(difference)) return false
    }
    return true
  }
  if (operator === 'anything-but') {
    if (isRecord(operand)) {
      const [inner = '', texts] = Object.entries(operand)[0] ?? []
      return ![texts].flat().some((text) => takes({ [inner]: text }, value))
    }
    return ![operand].flat().includes(value)
  }
  if (typeof value !== 'string') return false
  if (isRecord(operand))
    return takes({ [operator]: String(Object.values(operand)[0]).toLowerCase() }, value.toLowerCase())
  const text = String(operand)
  switch (operator) {
    case 'prefix':
      return value.slice(0, text.length) === text
    case 'suffix':
      return text === '' || value.slice(-text.length) === text
    case 'equals-ignore-case':
      return value.toLowerCase() === text.toLowerCase()
    case 'wildcard':
      return isWildcardMatch(
        [...text.matchAll(/\\(.)|(.)/gs)].map(([, escaped, plain]) => escaped ?? (plain === '*' ? undefined : plain)),
        [...value],
      )
    default:
      throw new Error(`the naive evaluator does not know ${operator}`)
  }
}

/** `undefined` in the pattern is an asterisk. */
function isWildcardMatch(pattern: ReadonlyArray<string | undefined>, text: readonly string[]): boolean {
  if (pattern.length === 0) return text.length === 0
  const [first, ...rest] = pattern
  if (first === undefined && isWildcardMatch(rest, text)) return true
  if (text.length === 0 || (first !== undefined && first !== text[0])) return false
  return isWildcardMatch(first === undefined ? pattern : rest, text.slice(1))
}
