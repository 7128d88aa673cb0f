// The faults of a setting in a line for a person: each place with its fault.

import type { z } from 'zod'

/**
 * @param placeOf what the first part of a path is called for a person
 * @example issuesText(parsed.error) // "batchSize: expected number, received string; topic: …"
 */
export const issuesText = (error: z.ZodError, placeOf = (part: string): string => part): string =>
  error.issues
    .map(({ path: [first, ...rest], message }) =>
      first === undefined ? message : `${[placeOf(String(first)), ...rest.map(String)].join('.')}: ${message}`,
    )
    .join('; ')
