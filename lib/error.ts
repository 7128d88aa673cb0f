// The one error family of lib. A bad record is a value (see lib/decode); what throws is bad configuration, a query that
// cannot run, or infrastructure that failed. Every message says what, where, and what to do next.

/** Every code an error of lib can carry, with what it means. */
export const errorCodes = {
  CONFIG_INVALID: 'a setting is missing, unknown or contradicts another',
  EVENT_INVALID: 'the Lambda payload is not a Kafka event',
  SCHEMA_INVALID: 'a schema names a column or type that cannot be',
  KEY_INVALID: 'a group was asked for by a key that the query does not have',
  QUERY_INVALID: 'Spark refuses this query, and so do we',
  PREPARE_FAILED: 'a codec could not prepare for a batch: a schema registry did not answer, for one',
  RECORD_MALFORMED: 'a record could not be decoded and the policy is to fail',
  FUNCTION_FAILED: 'a function of the query threw on a row',
  REPLAY_DIFFERS: 'a query gives other rows for recorded events than were expected',
  LAW_BROKEN:
    'an aggregate gives another result for the same rows in another order or in other parts, or a sink ends with other rows after a kill',
  SINK_FAILED: 'a sink did not take the rows of a batch',
  STATE_CONFLICT: 'state changed under a batch more often than it was tried again',
  STATE_INCOMPATIBLE: 'the kept state belongs to another query, layout or topic',
  STATE_FAILED: 'the state store did not answer',
  STATE_TOO_LARGE: 'a group outgrew what one item of the state store can hold',
  ARCHIVE_INVALID: 'a file is no archive of kept state, or not the whole of one',
  VALUE_OUT_OF_RANGE: 'an integer left the range that is exact in a double',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface FaultyRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Which row of the record, where it is several. */
  readonly index?: number
}

/** @example `if (error instanceof MicrobatchError && error.code === 'STATE_CONFLICT') …` */
export class MicrobatchError extends Error {
  /** A minified bundle calls the class by a letter, and what reports an error by its class would say that. */
  static override readonly name = 'MicrobatchError'
  override readonly name = 'MicrobatchError'
  readonly code: ErrorCode
  /** The record that is at fault, where one is. */
  readonly at: FaultyRecord | null

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly at?: FaultyRecord } = {},
  ) {
    const { at = null, ...rest } = options
    super(message, rest)
    this.code = code
    this.at = at
  }
}

/**
 * Ends the building of a query that cannot be.
 *
 * @throws MicrobatchError QUERY_INVALID
 * @example if (sizeMs <= 0) refuse(`The window duration (${size}) must be greater than 0.`)
 */
export function refuse(message: string): never {
  throw new MicrobatchError('QUERY_INVALID', message)
}

/** The text of anything that was thrown. @example messageOf(new Error('disk full')) // 'disk full' */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  try {
    return String(error)
  } catch {
    return `a thrown ${typeof error} that has no text`
  }
}

/**
 * The text with the name before it: for the errors of AWS's clients, which say by their names what went wrong.
 * @example namedMessageOf(error) // 'AccessDeniedException: User … is not authorized'
 */
export const namedMessageOf = (error: unknown): string => `${nameOf(error)}: ${messageOf(error)}`

/** @example nameOf(new TypeError('x')) // 'TypeError' */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error')
