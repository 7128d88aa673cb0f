import { expect, test } from 'vitest'

import { chosenFunctions } from '../../infra/chosen-queries.ts'

const query = { topic: 'ticks', partitions: 3 }
const tape = { handler: 'a.tape', events: [{ query }] }
const moves = { handler: 'a.moves', events: [{ query: { ...query, optional: true } }] }
const producer = { handler: 'a.producer', produces: 'ticks' }
const functions = { producer, tape, moves }

test('an optional query is there only where QUERIES names it', () => {
  expect(chosenFunctions(functions, undefined)).toEqual({ producer, tape })
  expect(chosenFunctions(functions, '')).toEqual({ producer, tape })
  expect(chosenFunctions(functions, 'tape, moves')).toBeNull()
  expect(chosenFunctions(functions, 'moves')).toEqual({ producer, moves })
  expect(chosenFunctions([{ producer }, { tape, moves }], undefined)).toEqual([{ producer }, { tape }])
  expect(chosenFunctions({ tape }, undefined)).toBeNull()
  expect(chosenFunctions(undefined, undefined)).toBeNull()
})

test('a name that no query has is refused with those there are', () => {
  expect(() => chosenFunctions(functions, 'tape,move')).toThrow(
    'QUERIES names "move", and the queries of this service are tape, moves.',
  )
})
