// An answer that is not Spark's by decision, as exactly as a test can say it: the cells of the file that differ, and no others.

import type { Aspect, Place } from '../differences.ts'
import type { StreamMode } from '../scenario.ts'

export interface Deviation {
  readonly file: string
  readonly modes: readonly (StreamMode | 'batch')[]
  /** The phases in which each aspect differs. */
  readonly cells: { readonly [What in Aspect]?: readonly Place[] }
  /** What Spark's rows are here, where it can be said: then they are compared all the same. */
  readonly asOurs?: (row: string) => string
  /** One sentence or two, as docs/from-spark.md has them. */
  readonly why: string
}

/** Rows without no-data batches, which are a part of the same batch here. */
export const isDataAndTimeInOne =
  'Without no-data batches Spark judges what is late, and ends what is over, by the watermark of the batch before; here by that of the batch.'

/** Spark moves a condition below the watermark where it can, also that a key is not null. */
export const staysAbove =
  'A where that stands after withWatermark stays there: the rows that it leaves out move the watermark. Spark puts some below it.'
