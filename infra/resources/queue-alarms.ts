// What somebody has to know of a queue of what was set aside: that there is something in it, that more came while it was there,
// and that it will soon be deleted.

import { alarm } from './alarm.ts'
import { retentionSeconds } from './queues.ts'
import type { Resource } from './template.ts'

/** How old a message may become before somebody is told: it has as many days left as are over. */
const maxAgeSeconds = 10 * 24 * 3600

/**
 * @param prefix of the alarms' logical ids
 * @param what is in the queue, for people
 */
export function queueAlarms(prefix: string, queueId: string, what: string): readonly (readonly [string, Resource])[] {
  const daysLeft = (retentionSeconds - maxAgeSeconds) / (24 * 3600)
  const watch = (MetricName: string, Statistic: 'Maximum' | 'Sum', Period: number, Threshold: number) => ({
    Namespace: 'AWS/SQS',
    MetricName,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
    Statistic,
    Period,
    EvaluationPeriods: 1,
    Threshold,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  })
  return [
    [
      `${prefix}Alarm`,
      alarm(`There are ${what} in the queue`, watch('ApproximateNumberOfMessagesVisible', 'Maximum', 60, 0)),
    ],
    // The alarm above stays on until the queue is empty, so it says nothing of a second wave.
    [
      `${prefix}ArrivalAlarm`,
      alarm(`More ${what} came into the queue in these five minutes`, watch('NumberOfMessagesSent', 'Sum', 300, 0)),
    ],
    [
      `${prefix}AgeAlarm`,
      alarm(
        `The oldest of the ${what} in the queue will be deleted in ${daysLeft} days`,
        watch('ApproximateAgeOfOldestMessage', 'Maximum', 3600, maxAgeSeconds),
      ),
    ],
  ]
}
