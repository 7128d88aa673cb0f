// A disk without room, or a folder that may not be written, said in words: what was being written, and what to do.
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

/** Node's for a file of another user's, and for a disk that is read-only. */
const forbiddenCodes = new Set<unknown>(['EACCES', 'EPERM', 'EROFS'])

/**
 * What a file system refuses, in words: no room, or no right to write.
 * @returns the same error where it is about something else
 * @example sayFailure(sayingWhatDisk(error))
 */
export function sayingWhatDisk(error: unknown): unknown {
  const isForbidden = error instanceof Error && 'code' in error && forbiddenCodes.has(error.code) && 'path' in error
  if (!isForbidden) return sayingFullDisk(error)
  const problem = `${error.path} may not be written or read by this user (${messageOf(error)}).`
  const remedy = 'Give the folder to the user who runs this, or keep the local data elsewhere: LOCAL_DIR=FOLDER.'
  return new LocalError('SETTINGS_INVALID', `${problem} ${remedy}`, { cause: error })
}
