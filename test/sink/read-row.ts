// A row as sinks write it as JSON: read without what they add to it.
import type { FoundRow } from '../../lib/testing/index.ts'

export function readRow(text: string): FoundRow {
  const { _id: id, _version: version = 0, ...row } = JSON.parse(text)
  return { id: String(id), version: Number(version), row }
}
