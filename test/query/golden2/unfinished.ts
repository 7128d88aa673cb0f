// What is still to be done: files that nobody has translated yet, and modes of which the answer is not settled. The list shrinks to
// nothing; a line of it that is done fails its test. A line is a file, or a mode of it.

const chains: readonly string[] = [
  'chain-smaller-window',
  'chain-window-window',
  'limit-append append',
  'limit-then-aggregate',
  'order-limit-complete',
  'progress-delay-5',
  'progress-filter-before update',
  'progress-filter-time',
  'progress-not-a-time',
  'progress-window-cast update',
]

const joins: readonly string[] = ['join-left-equal-window', 'join-left-then-window']

const sessions: readonly string[] = [
  'session-aggs',
  'session-dedup-random',
  'session-dynamic',
  'session-dynamic-bad-gap',
  'session-merge',
  'session-no-watermark',
  'session-random-2',
  'session-static',
  'session-static-negative-gap',
]

export const unfinished: readonly string[] = [...chains, ...joins, ...sessions]
