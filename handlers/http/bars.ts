// `GET /bars/{symbol}?limit=n`: the bars of a symbol that the stream has open, the oldest first.

import type { APIGatewayProxyEventV2 as Event, APIGatewayProxyStructuredResultV2 as Result } from 'aws-lambda'
import type { StateTable, StateVersion } from 'microbatch'
import * as z from 'zod/mini'
import { answer, failure, problem } from './answer.ts'

const Question = z.object({
  symbol: z.string().check(z.regex(/^[\w.-]{1,20}$/, 'expected up to 20 letters, digits, dots and dashes')),
  /** So many of the newest. */
  limit: z._default(z.pipe(z.coerce.number(), z.int().check(z.minimum(1), z.maximum(1000))), 100),
})

/** @example barsOf(queryState(barsQuery, state)) */
export const barsOf =
  <Bar extends object>(table: Pick<StateTable<Bar, { readonly symbol: string }>, 'fetch' | 'toJson'>) =>
  async ({ pathParameters, queryStringParameters }: Pick<Event, 'pathParameters' | 'queryStringParameters'>) => {
    const asked = Question.safeParse({ ...queryStringParameters, ...pathParameters })
    if (!asked.success) {
      return problem(400, asked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
    }
    return fetched(table, asked.data).catch(failure)
  }

async function fetched<Bar extends object>(
  table: Pick<StateTable<Bar, { readonly symbol: string }>, 'fetch' | 'toJson'>,
  { symbol, limit }: z.infer<typeof Question>,
): Promise<Result> {
  const { rows, asOf } = await table.fetch({ symbol })
  if (asOf === null) return problem(503, 'The stream has not ended its first batch yet.', 3)
  if (rows.length === 0) return problem(404, `No bar of ${symbol} is open.`)
  const bars = rows.slice(-limit).map((row) => table.toJson(row))
  return answer(200, `{"symbol":${JSON.stringify(symbol)},"bars":[${bars.join(',')}],"asOf":${asOfText(asOf)}}`)
}

/** The batch, its watermark, and the offsets below which every tick is in the bars. */
const asOfText = ({ batchId, watermarkMs, offsets }: StateVersion): string =>
  JSON.stringify({
    batchId,
    watermark: watermarkMs === null ? null : new Date(watermarkMs).toISOString(),
    offsets: Object.fromEntries(offsets),
  })
