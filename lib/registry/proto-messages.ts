// The message of a file that a place names, by the rules of the two registries' serializers.

import type { DescFile, DescMessage } from '@bufbuild/protobuf'
import { entryName } from './entry-name.ts'
import type { MessagePlace } from './message-place.ts'
import type { Framing } from './schema-registry.ts'

/**
 * @returns undefined where the file has no such message
 * @example messageAt(file, 'confluent', [0]) // the first message of the file
 */
export const messageAt = (
  file: DescFile,
  framing: Framing,
  { indexes }: Pick<MessagePlace, 'indexes'>,
): DescMessage | undefined => (framing === 'confluent' ? inOrder(file, indexes) : byName(file, indexes[0] ?? -1))

/** Confluent's (ProtobufSchema.toMessageIndexes): messages as they stand in their file; the entries of maps are none. */
function inOrder(file: DescFile, [outermost = -1, ...inner]: readonly number[]): DescMessage | undefined {
  let message = file.messages[outermost]
  for (const index of inner) message = message?.nestedMessages[index]
  return message
}

/** Glue's (MessageIndexFinder): all messages of the file, the entries of maps among them, in the order of their full names. */
function byName(file: DescFile, index: number): DescMessage | undefined {
  const found = new Map<string, DescMessage | undefined>()
  const visit = (message: DescMessage): void => {
    found.set(message.typeName, message)
    for (const field of message.fields)
      if (field.fieldKind === 'map') found.set(`${message.typeName}.${entryName(field.name)}`, undefined)
    for (const nested of message.nestedMessages) visit(nested)
  }
  for (const message of file.messages) visit(message)
  const name = Array.from(found.keys()).sort()[index]
  return name === undefined ? undefined : found.get(name)
}
