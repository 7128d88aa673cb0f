// What is wrong with a setting, in a line for a person: each place with its fault.

import type { z } from 'zod'

/** @example issuesText(parsed.error) // "batchSize: expected number, received string; topic: …" */
export const issuesText = (error: z.ZodError): string =>
  error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
