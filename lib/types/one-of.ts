// Text that is one of some words: a side, a status. To Spark it is a STRING; in TypeScript it is the union of the words.

import { MicrobatchError } from '../error.ts'
import type { ColumnType } from './column-type.ts'
import { stringType } from './string.ts'

/** @throws MicrobatchError SCHEMA_INVALID for no word */
export function oneOfType<Word extends string>(words: readonly Word[]): ColumnType<Word> {
  if (words.length === 0) {
    throw new MicrobatchError('SCHEMA_INVALID', 'oneOf(): name the words that the column may have.')
  }
  const known = new Map<string, Word>(words.map((word) => [word, word]))
  const wanted = `one of ${words.map((word) => JSON.stringify(word)).join(', ')}`
  const wordOf = (text: unknown): Word | undefined => (typeof text === 'string' ? known.get(text) : undefined)
  return {
    ...(stringType as ColumnType<Word>),
    json: {
      wanted,
      isWhole: false,
      isText: true,
      read: wordOf,
      readLenient: (source, faults) => wordOf(stringType.json.readLenient(source, faults)),
    },
    plain: { kind: 'text', take: wordOf },
    wanted,
    hold: wordOf,
    domain: stringType.domain as ColumnType<Word>['domain'],
  }
}
