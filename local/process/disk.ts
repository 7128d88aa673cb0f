// A disk without room, said in words: what was being written, and that what was kept is still there.
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'

/** The codes of Node for no room on the disk, and for no room in the user's part of it. */
const fullCodes = new Set<unknown>(['ENOSPC', 'EDQUOT'])

/**
 * @param what names what could not be written, where the error does not
 * @returns the same error where it is about something else
 * @example try { writeSync(descriptor, line) } catch (error) { throw sayingFullDisk(error, file) }
 */
export function sayingFullDisk(error: unknown, what?: string): unknown {
  if (!(error instanceof Error && 'code' in error && fullCodes.has(error.code))) return error
  const file = what ?? ('path' in error && typeof error.path === 'string' ? error.path : undefined)
  const problem = `The disk is full${file === undefined ? '' : `: ${file} cannot be written`} (${messageOf(error)}).`
  return new LocalError('DISK_FULL', `${problem} Free some room and start again: it goes on where it was.`, {
    cause: error,
  })
}
