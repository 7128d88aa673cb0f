// The scheduled producer: each minute EventBridge invokes it, and it sends that minute's ticks, second by second; those of
// the seconds before it was invoked come first, together.
//
// If a schedule fires twice (EventBridge promises at least once), both invocations send the same ticks, since a tick is
// a pure function of its second: the topic then holds equal records twice, at two offsets, and every consumer counts
// both. Nothing here can prevent that; a consumer that minds it drops duplicates by (symbol, timestamp).

import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { kafkaConnection } from 'microbatch/kafka'
import { producerFromEnvironment } from 'microbatch/lambda'
import { handlerEnvironment, readSettings } from './config.ts'
import { invocationLog, log } from './log.ts'
import { lastTicks, ticksAt } from './ticks/generator.ts'
import { type Paced, secondsOfMinute, sendPaced, systemClock } from './ticks/pace.ts'
import { kafkaSender } from './ticks/sender.ts'
import type { Tick } from './ticks/tick.ts'

const settings = readSettings()
const { topic, kafka } = producerFromEnvironment(handlerEnvironment())
const sender = kafkaSender(() => kafkaConnection(kafka, process.env), topic)

/** For messages. */
const kafkaName = kafka.clusterArn ?? kafka.brokers.join(',')

/** The handler gives up waiting for Kafka when so much of its timeout is left, in milliseconds. */
const marginMs = 3000

/** How many ticks of a burst go in one request: a request stays well under Kafka's limit of 1 MB. */
const burstSize = 1000

/** A schedule's event; `{ "ticks": n }`, n ticks at once, those of the seconds up to now; or `{}`, the rest of this minute. */
interface ProduceEvent {
  readonly time?: string
  readonly ticks?: number
}

async function produce({ time, ticks }: ProduceEvent, context: Context): Promise<Paced> {
  const nowMs = systemClock.now()
  const batches = ticks === undefined ? minute(nowMs, time) : burst(nowMs, ticks)
  const result = await sendPaced(batches, sender, {
    clock: systemClock,
    deadlineMs: nowMs + context.getRemainingTimeInMillis() - marginMs,
    onWaiting: (pending) => log('WARN', `Kafka at ${kafkaName} does not answer; waiting`, { pending }),
  })
  if (result.notSent === 0) return result
  throw new Error(
    `Kafka at ${kafkaName} did not answer in time: ${result.notSent} ticks not sent, ${result.sent} sent.`,
  )
}

const minute = (nowMs: number, firedAt: string | undefined): readonly (readonly Tick[])[] =>
  secondsOfMinute(nowMs, firedAt).map((second) => ticksAt(settings.SEED, settings.SYMBOLS, second))

function burst(nowMs: number, count: number): readonly (readonly Tick[])[] {
  const ticks = lastTicks(settings.SEED, settings.SYMBOLS, Math.floor(nowMs / 1000), count)
  return Array.from({ length: Math.ceil(count / burstSize) }, (_, i) => ticks.slice(i * burstSize, (i + 1) * burstSize))
}

export const producer = middy(produce, { timeoutEarlyInMillis: 0 }).use(invocationLog('ticks not sent'))
