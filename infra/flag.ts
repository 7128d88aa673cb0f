// Yes or no, in settings and in parameters of a deployment: a variable of the environment comes as text.

import * as z from 'zod'

/** @example flag.parse('true') // true, as flag.parse(true) */
export const flag = z
  .preprocess((value) => String(value), z.enum(['true', 'false']))
  .transform((value) => value === 'true')
