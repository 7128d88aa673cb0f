// Where bad records go: an SQS queue where there is one, as on AWS; a file of the project on a laptop. On Lambda the file is
// refused by the first invocation (kafkaHandler), so that no record is lost to a queue that nobody made.

import { type DeadLetterSink, fileDeadLetters, queueDeadLetters } from 'microbatch'
import type { Settings } from './config.ts'

export const deadLetterSink = ({ DEAD_LETTER_QUEUE_URL, DEAD_LETTER_FILE }: Settings): DeadLetterSink =>
  DEAD_LETTER_QUEUE_URL === undefined
    ? fileDeadLetters(DEAD_LETTER_FILE)
    : queueDeadLetters({ queueUrl: DEAD_LETTER_QUEUE_URL })
