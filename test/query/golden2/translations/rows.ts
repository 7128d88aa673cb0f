// Row by row: conditions, columns, and the watermark.

import { window as windowed, windowTime } from '../../../../lib/index.ts'
import { expressionOf, isName, named, texts } from '../expressions.ts'
import { type AnyStream, NotTranslated, requireStream, type Translations } from '../translation.ts'

export const rows: Translations = {
  filter: (given, operator) =>
    requireStream(given, operator).where((row) => expressionOf(String(operator.expr)).value(row) === true),
  select(given, operator) {
    let stream = requireStream(given, operator)
    const names: string[] = []
    for (const { text, as } of texts(operator.exprs).map(named)) {
      if (as !== null || !isName(text)) stream = withExpression(stream, text, as ?? text)
      names.push(as ?? text)
    }
    return stream.select(...names) as AnyStream
  },
  withColumn: (given, operator) =>
    withExpression(requireStream(given, operator), String(operator.expr), String(operator.name)),
  withWatermark: (given, operator) =>
    requireStream(given, operator).withWatermark(String(operator.column), String(operator.delay)),
}

function withExpression(stream: AnyStream, text: string, name: string): AnyStream {
  const [, window = ''] = /^window_time\((\w+)\)$/.exec(text) ?? []
  if (window !== '') return stream.withColumn(name, windowTime(window)) as unknown as AnyStream
  const [, timed = '', size = ''] = /^window\((\w+), '([\w ]+)'\)$/.exec(text) ?? []
  if (timed !== '') return stream.withColumn(name, windowed(timed, size) as never) as unknown as AnyStream
  const known = stream.plan.columns.get(text)
  if (known !== undefined) return stream.withColumn(name, (row) => row[text], known) as unknown as AnyStream
  const { value, column } = expressionOf(text)
  if (column === null) throw new NotTranslated(`a column of ${text}`)
  return stream.withColumn(name, value, column) as unknown as AnyStream
}
