// zod's small form, which is all that lib uses (a tenth of a function's bundle less), has no words for its errors unless it is given
// some. Whoever shows them imports this first.

import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'

z.config(en())
