// What the library says against kept state, or a store against the library, as a line for a person.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

/** Anything but an error of the library is a defect, and goes on as it is. @throws LocalError STATE_UNUSABLE */
export async function sayingWhatState<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'MicrobatchError') throw error
    throw new LocalError('STATE_UNUSABLE', error.message, { cause: error })
  }
}
