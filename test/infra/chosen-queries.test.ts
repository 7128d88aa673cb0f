import { expect, test } from 'vitest'

import { chosenFunctions } from '../../infra/chosen-queries.ts'

const query = { topic: 'ticks', partitions: 3 }
const tape = { handler: 'a.tape', events: [{ query }] }
const moves = { handler: 'a.moves', events: [{ query: { ...query, optional: true } }] }
const producer = { handler: 'a.producer', produces: 'ticks' }
const functions = { producer, tape, moves }

test('an optional query is there only where QUERIES names it', () => {
  const withoutMoves = { functions: { producer, tape }, leftOut: ['moves'] }
  expect(chosenFunctions(functions, undefined)).toEqual(withoutMoves)
  expect(chosenFunctions(functions, '')).toEqual(withoutMoves)
  expect(chosenFunctions(functions, 'tape, moves')).toBeNull()
  expect(chosenFunctions(functions, 'moves')).toEqual({ functions: { producer, moves }, leftOut: ['tape'] })
  expect(chosenFunctions([{ producer }, { tape, moves }], undefined)?.functions).toEqual([{ producer }, { tape }])
  expect(chosenFunctions({ tape }, undefined)).toBeNull()
  expect(chosenFunctions(undefined, undefined)).toBeNull()
})

test('a name that no query has is refused with those there are', () => {
  expect(() => chosenFunctions(functions, 'tape,move')).toThrow(
    'QUERIES names "move", and the queries of this service are tape, moves.',
  )
})
