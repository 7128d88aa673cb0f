// What a function is told that asks a query: where its state is (lib/lambda/variables.ts). No broker and no queue concerns it.

import { environmentOf, type Place, type Variables } from '../environment.ts'
import type { Query } from '../queries.ts'

export function askerVariables(place: Place, query: Query): Variables {
  const { SERVICE, TOPIC, AWS_ENDPOINT_URL_DYNAMODB, ALLOW_REMOTE } = environmentOf(place, query)
  const given = { SERVICE, TOPIC, STATE_TABLE: place.stateTable, AWS_ENDPOINT_URL_DYNAMODB, ALLOW_REMOTE }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
