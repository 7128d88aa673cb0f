// A queue for bad records, on a laptop: an emulator's, or one elsewhere whose host was allowed by name. The host of its URL is the
// one that is dialled, whatever endpoints the environment names.

import { type AllowedHosts, isLoopback, stayHere } from '../hosts.ts'
import type { DeadLetterSink } from '../sink/dead-letter.ts'
import { queueDeadLetters } from '../sink/dead-letter-queue.ts'

/**
 * @param allowed hosts beside this machine; the user's own credentials are for these alone
 * @throws MicrobatchError CONFIG_INVALID for a queue elsewhere
 * @example laptopQueue('http://localhost:4566/000000000000/bad', new Set())
 */
export function laptopQueue(queueUrl: string, allowed: AllowedHosts): DeadLetterSink {
  const { hostname, origin: endpoint } = new URL(queueUrl)
  stayHere(hostname, `DEAD_LETTER_QUEUE_URL: ${queueUrl}`, allowed)
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
  const nobody = { region: 'us-east-1', credentials }
  return queueDeadLetters({ queueUrl, configuration: { endpoint, ...(isLoopback(hostname) ? nobody : {}) } })
}
