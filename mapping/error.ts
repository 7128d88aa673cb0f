// The error family of the mapping and of what runs it on a laptop: what a person there can put right. A message says what, where,
// and what to do next; the command line prints it alone, without a stack.

/** Every code that such an error can carry, with what it means. */
export const localErrorCodes = {
  COMMAND_INVALID: 'the command line names something that does not exist',
  ALREADY_RUNNING: 'another start of ours uses what this one needs',
  PORT_TAKEN: 'a port is in use by a process that is not ours',
  KAFKA_UNAVAILABLE: 'no Kafka was found and none could be started',
  DYNAMODB_UNAVAILABLE: 'the local DynamoDB API does not answer, or its table cannot be used',
  STATE_FOREIGN: 'the local state belongs to another Kafka cluster',
  STATE_UNUSABLE: 'kept state cannot be read or written, or is not what a command needs',
  DATA_DELETED: 'the local data were deleted while a start ran on them',
  DISK_FULL: 'the disk has no room for what a run keeps',
  QUERY_FAILED: 'a query of the application could not be computed',
  DOCKER_FAILED: 'docker compose is missing, or did not do what it was asked',
  CHILD_FAILED: 'a process we started ended before it was ready',
  INVOKE_FAILED: 'a function failed, or could not be invoked',
  REMOTE_REFUSED: 'an address is not on this machine and was not allowed by name',
  SETTINGS_INVALID: 'a setting of serverless.yml, an option or the environment is missing, unknown or out of range',
  SETTINGS_UNSUPPORTED: 'a setting that AWS knows and the local mapping does not reproduce yet',
  NODE_UNSUPPORTED: 'this Node lacks what a mapping needs',
  RECORDING_INVALID: 'a line of a recording is not one, or the file is damaged',
  RECORDING_FAILED: 'a recording cannot be opened or written',
} as const

export type LocalErrorCode = keyof typeof localErrorCodes

/** @example `throw new LocalError('PORT_TAKEN', 'port 9092 is taken by …; set KAFKA_PORT')` */
export class LocalError extends Error {
  override readonly name = 'LocalError'
  readonly code: LocalErrorCode

  constructor(code: LocalErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/**
 * What `read` returns; what it refuses is refused with its place before it.
 * @example inPlace('functions.bars.events[0].msk', () => onFailureOf(destination))
 */
export function inPlace<Value>(where: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof LocalError)) throw error
    throw new LocalError(error.code, `${where}: ${error.message}`, { cause: error })
  }
}

/** The text of whatever was thrown. @example messageOf(new Error('boom')) // 'boom' */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
