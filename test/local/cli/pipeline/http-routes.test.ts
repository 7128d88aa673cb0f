import { expect, test } from 'vitest'
import { httpRoutes } from '../../../../local/cli/pipeline/http-routes.ts'

test('a function answers at the routes of its events httpApi, in either form', () => {
  const functions = {
    bars: { events: [{ kafka: { topic: 'ticks' } }] },
    'bars-api': { events: [{ httpApi: 'GET /bars/{symbol}' }, { httpApi: { method: 'post', path: '/bars' } }] },
    rest: { events: [{ httpApi: '*' }, 'schedule', null] },
    none: {},
  }
  expect(httpRoutes({ functions } as never, 4000)).toEqual([
    'GET http://localhost:4000/bars/{symbol}',
    'POST http://localhost:4000/bars',
  ])
})
