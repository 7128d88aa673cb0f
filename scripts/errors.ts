// docs/errors.md: each code that an error can carry, with its meaning as the code has it, its usual cause and what to do. `npm run docs` writes
// it anew; a test holds that it is what this makes. A code that has no line here does not compile.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, errorCodes } from 'microbatch'
import { type LocalErrorCode, localErrorCodes } from 'serverless-offline-kafka-mapping/internal/error'

interface Advice {
  readonly cause: string
  readonly todo: string
}

const ofQueries: Readonly<Record<ErrorCode, Advice>> = {
  CONFIG_INVALID: {
    cause: 'a variable of the function is missing or has a wrong form, or two options of `kafkaHandler` contradict',
    todo: 'set what the message names; the plugin `microbatch/infra` sets all variables of a function with a query',
  },
  EVENT_INVALID: {
    cause:
      'the function was invoked by something else than a Kafka event source mapping, or with records of another topic',
    todo: 'check the event of the function in serverless.yml, and its topic',
  },
  SCHEMA_INVALID: {
    cause: 'no column, an empty name, a whole number as a name, or a name that is there twice',
    todo: 'give the column a word as its name',
  },
  QUERY_INVALID: {
    cause: 'append without a watermark, complete without an aggregation, two windows, a duration that is none',
    todo: 'change the query as the message says; [what comes out, and when](windows.md) shows each mode',
  },
  KEY_INVALID: {
    cause:
      '`queryState` was asked for a key with a column that the query does not group by, without one of those, or with a value that is none of its type',
    todo: 'give the grouping columns, as rows have them: [Asking a running query](query-state.md)',
  },
  PREPARE_FAILED: {
    cause:
      'what a codec waits for before a batch did not come: a schema registry did not answer, or does not know a schema yet',
    todo: 'look at the cause; the batch comes again. [Codecs](codecs.md) has what is waited for, and how long',
  },
  RECORD_MALFORMED: {
    cause: "a bad record under the policy `malformed: 'fail'`, or a bad row of `runBatch`",
    todo: 'mend the record, or choose `deadLetter`; the record blocks its partition until then',
  },
  FUNCTION_FAILED: {
    cause:
      "a function of yours threw on a row, in a query with `onFunctionError: 'fail'` or in `runBatch`; or an aggregate of your own did",
    todo: 'mend the function: `error.at` names the record, `error.cause` is what was thrown. Without that option the record is a dead letter of this reason',
  },
  REPLAY_DIFFERS: {
    cause: 'the query was changed, or the recording, or the golden rows',
    todo: 'look at the rows that the message names; where they are right, write the golden rows anew, as it says. [Replay](replay.md) has more',
  },
  LAW_BROKEN: {
    cause:
      'an aggregate depends on the order of rows, on how they were split, or on what its accumulator cannot keep; a sink does not know a row that comes again',
    todo: '[an aggregate of your own](your-own-aggregate.md) and [a sink of your own](your-own-sink.md) have the laws',
  },
  SINK_FAILED: {
    cause:
      'rows or dead letters could not be written: what they go to did not answer, refused them, or one is too large for it',
    todo: 'look at the message, which names the sink; the batch comes again, with the same ids. [Where rows go](sinks.md) has the limits',
  },
  STATE_CONFLICT: {
    cause:
      'several invocations wrote the same groups at once, or the state was reset meanwhile, or taken over by another version of the query',
    todo: 'nothing: the batch comes again. If it lasts, lower the concurrency of the mapping or raise the capacity of the table',
  },
  STATE_INCOMPATIBLE: {
    cause:
      'the query changed what it keeps: its grouping, an aggregate, a version; or the table is used by something else',
    todo: 'if an aggregate or a variable came or went, say so: [`evolve`](state-evolution.md); else give the query another name, or reset its state (`microbatch state reset`), and read from the beginning',
  },
  STATE_FAILED: {
    cause: 'DynamoDB did not answer, or refused: no such table, no right, throttling',
    todo: 'the message has its words; on a laptop: is `microbatch start` running?',
  },
  STATE_TOO_LARGE: {
    cause: 'a group outgrew 400 kB, the limit of an item of DynamoDB',
    todo: 'group by more columns, use shorter windows, keep lists and distinct values small',
  },
  ARCHIVE_INVALID: {
    cause: 'the file that is imported is another one, was cut short, or was changed by hand',
    todo: 'export the state again: `microbatch state export`',
  },
  VALUE_OUT_OF_RANGE: {
    cause: 'a sum or a time beyond 2^53 - 1, or a time that is no whole millisecond',
    todo: 'sum doubles, or look at what the rows hold',
  },
}

const ofTheLaptop: Readonly<Record<LocalErrorCode, Advice>> = {
  COMMAND_INVALID: {
    cause: 'a word, an option, a file or a function that does not exist',
    todo: '`microbatch COMMAND --help`; the exit code is 2',
  },
  ALREADY_RUNNING: {
    cause: 'a start in the same folder',
    todo: 'end it, or give this one a `LOCAL_DIR` and ports of its own',
  },
  PORT_TAKEN: {
    cause: 'another process listens there; the message names it where the system says',
    todo: 'end it, or set the variable of the port that the message names',
  },
  KAFKA_UNAVAILABLE: {
    cause: 'neither Java with Maven nor Docker, or a Kafka that was named and does not answer',
    todo: 'install one of them, or name a Kafka: `--brokers localhost:9092`; `microbatch doctor` looks',
  },
  DYNAMODB_UNAVAILABLE: {
    cause: 'the local API is not there, or its table is another one',
    todo: '`microbatch start` brings it; `--fresh` makes the tables anew',
  },
  STATE_FOREIGN: {
    cause: 'the local state was made beside another Kafka: its offsets mean nothing here',
    todo: '`microbatch start --fresh`, or the old Kafka again, or a `LOCAL_DIR` of its own',
  },
  STATE_UNUSABLE: {
    cause:
      'a `state` command or `catch-up` met a consumer at work, state of another query, a table that does not answer',
    todo: 'the message says what, and the way out: docs/state-commands.md',
  },
  QUERY_FAILED: {
    cause: 'the query of `batch` or `verify` threw, or what was printed cannot be compared',
    todo: 'the message says what, with the code of the error inside',
  },
  DOCKER_FAILED: {
    cause: 'Docker is missing or not running, or a service did not start',
    todo: '`docker compose version`; the message has what Docker said',
  },
  CHILD_FAILED: {
    cause: 'Kafka or the framework ended while it was starting',
    todo: 'read the last lines that it said, which the message has',
  },
  DATA_DELETED: {
    cause:
      'somebody deleted the folder of the local data, `.local/`, while `microbatch start` ran: the state of its functions is gone',
    todo: 'start again, which begins anew. `microbatch start --fresh` deletes the data in order',
  },
  DISK_FULL: {
    cause: 'the disk of the folder that a start keeps its things in has no room',
    todo: 'free some, or give `LOCAL_DIR` a folder on another disk, and start again: it goes on where it was',
  },
  INVOKE_FAILED: {
    cause: 'nothing listens at the endpoint, no such function, or the handler threw',
    todo: 'look at the lines of the function; is `microbatch start` running?',
  },
  REMOTE_REFUSED: {
    cause: 'an address of another machine, in serverless.yml or in a variable',
    todo: 'if it is meant: `--allow-remote HOST`',
  },
  SETTINGS_INVALID: {
    cause: 'a setting that AWS refuses, or a definition that the framework cannot read',
    todo: 'change it where the message says: `functions.NAME.events[0]`, an option, a variable',
  },
  SETTINGS_UNSUPPORTED: {
    cause: 'a setting such as queue mode, which works on AWS and not here',
    todo: 'leave it out on a laptop; [the mapping beside AWS’s](../mapping/docs/local-mapping.md) lists them',
  },
  NODE_UNSUPPORTED: { cause: 'a Node before 22.15, whose zlib has no zstd', todo: 'install a newer one' },
  RECORDING_INVALID: {
    cause: 'a line that is cut off, or a file that is no recording',
    todo: 'mend or remove the line, whose number stands in the message',
  },
  RECORDING_FAILED: { cause: 'no right, no room, or no such folder', todo: 'name another file' },
}

/** The reasons of dead letters that this library gives. A codec, or `deadLetter(…)`, may give others. */
const reasons: readonly (readonly [reason: string, meaning: string, todo: string])[] = [
  ['TOMBSTONE', 'the record has no value', 'leave it, or say what it is: `readKafka({ tombstones: … })`'],
  ['EMPTY', 'the value has no bytes', 'look at the producer'],
  [
    'NOT_UTF8',
    'the value is no text, or a key or a header that the query takes for text',
    'look at the producer, or at the codec: is it JSON at all?',
  ],
  ['NOT_JSON', 'the value is no JSON; a byte order mark is named', 'look at the producer'],
  [
    'WRONG_SHAPE',
    'a value is none of its column: in the JSON, or made by a codec or a function, which the detail names',
    'mend the producer or the function, or give the column another type',
  ],
  [
    'EVENT_TIME_INVALID',
    'a number that a codec or a function made is no time: NaN, or outside the years 1 to 9999; or a stateful processor gave one that event time had passed',
    'milliseconds are wanted, not micro- or nanoseconds',
  ],
  ['CODEC_FAILED', 'a codec of your own threw', 'mend the codec'],
  [
    'NOT_FRAMED',
    'the value has no header of its registry',
    'look at the producer: is its serializer one of a registry?',
  ],
  ['NOT_AVRO', 'the bytes are no value of the schema they name', 'look at the producer'],
  ['NOT_PROTOBUF', 'the bytes are no message of the schema they name', 'look at the producer'],
  ['SCHEMA_UNKNOWN', 'the registry did not know the schema, for a minute', 'look at which registry the producer uses'],
  ['SCHEMA_UNUSABLE', 'rows cannot be made of what the schema describes', 'the detail names the field'],
  ['CHECK_FAILED', 'the check of `checked` refused the row', 'the detail says what it said'],
  ['FUNCTION_FAILED', 'a function of the query threw; the detail has the stack', 'mend the function'],
  [
    'FROM_THE_FUTURE',
    'the event time is too long after the record’s Kafka timestamp',
    'look at the clock and the unit of the producer, or set `maxFuture`',
  ],
  [
    'KEY_TOO_LONG',
    'the grouping columns have more than 16,384 characters or bytes together',
    'group by something shorter',
  ],
  [
    'VALUE_TOO_LONG',
    'state would keep a value longer than its share of 65,536 bytes, or a row that operators made of others beyond 320,000',
    'keep something shorter',
  ],
  ['NOT_KEYED', 'the record’s key is not what `keyedBy` declares', 'mend the producer, or leave `keyedBy` out'],
  [
    'TOO_MANY_ROWS',
    'the record is more than 100,000 rows, or matches so many in a join, or a processor makes so many of it',
    'send shorter messages',
  ],
  [
    'TOO_MANY_BAD_ROWS',
    'more than 1,000 rows of the record are bad; the detail has the first',
    'mend what is wrong with all',
  ],
  [
    'TOO_MANY_VALUES',
    'a group has more values than `collectList`, `collectSet`, `mode` or `sumDistinct` can keep',
    'group by a window, or by more columns; `approxCountDistinct`, `percentileApprox` keep less',
  ],
  [
    'STATE_TOO_LONG',
    'a stateful processor would keep more than 262,144 bytes of one key',
    'keep less of each row, or group by more columns',
  ],
  [
    'TOO_MANY_SESSIONS',
    'the group has 30,000 sessions open, and the row would begin another',
    'wait less long for late rows, or group by more columns',
  ],
]

const reasonTable = [
  '| reason | meaning | what to do |',
  '|---|---|---|',
  ...reasons.map(([reason, meaning, todo]) => `| \`${reason}\` | ${meaning} | ${todo} |`),
].join('\n')

/** A table with a row for each code, in the order of the list. */
function table<Code extends string>(
  meanings: Readonly<Record<Code, string>>,
  advice: Readonly<Record<Code, Advice>>,
): string {
  const codes = Object.keys(meanings) as Code[]
  const rows = codes.map((code) => `| \`${code}\` | ${meanings[code]} | ${advice[code].cause} | ${advice[code].todo} |`)
  return ['| code | meaning | usual cause | what to do |', '|---|---|---|---|', ...rows].join('\n')
}

/** @example errorsPage().includes('## Queries and handlers') // true */
export const errorsPage = (): string => `# Errors

What is thrown is bad configuration, a query that cannot run, or infrastructure that failed; a bad record is a value, and goes to the dead
letters. An error has a \`code\` of a list, a message that says what, where, and what to do next, and a \`cause\` where another error is behind it.

This page is made by \`npm run docs\` from the lists in \`lib/error.ts\` and \`mapping/error.ts\`.

## Queries and handlers

\`MicrobatchError\` of \`microbatch\`; \`error.at\` is the record at fault, where one is. What a handler throws makes the mapping deliver the batch again.

${table(errorCodes, ofQueries)}

## Dead letters

A record that cannot be a row is set aside with its topic, partition and offset, its bytes, a reason and a detail; the others of its batch go on. A group
whose row cannot be made, by a function after the aggregation, is set aside too: partition and offset are -1, its key is its id. A row that is one of
several of its record has its number as \`index\`, and its part of the bytes ([one message, many rows](records-to-rows.md)).

${reasonTable}

## The laptop

\`LocalError\`, by the command \`microbatch\` and the mapping. The command prints the message, and ends with 1, or with 2 where the command line is wrong.

${table(localErrorCodes, ofTheLaptop)}

## The deployment

The plugin \`microbatch/infra\` refuses a query, a parameter or a setting before anything is packaged, as an error of the framework: it names the
function and the key. \`KAFKA_PARAMETER_MISSING\`: a deploy did not say which Kafka ([parameters](deploy.md#parameters)).
`

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/errors.md'), errorsPage())
