import { amount, Currency } from '@shop/money'
import { consoleSink, json, kafkaHandler, long, stream, string, struct, sum } from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'

const { topic, state, deadLetters, partitions } = fromEnvironment(process.env)
const Purchase = struct({ customer: string(), cents: long() })

export const dueQuery = stream('due')
  .readKafka({ topic })
  .decode(json(Purchase))
  .groupBy('customer')
  .agg({ cents: sum('cents') })
  .withColumn('due', ({ cents }) => amount(Number(cents), Currency.Pound))
  .writeStream({ outputMode: 'update', sinks: [consoleSink()] })

export const due = kafkaHandler(dueQuery, { state, deadLetters, partitions })
