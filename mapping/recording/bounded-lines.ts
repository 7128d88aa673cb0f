// The lines of a recording, for the commands that read other files of lines by the same bounds.

export { boundedLines, LongLineError } from '../../lib/event/recording/bounded-lines.ts'
export { packingOf, unpacked } from '../../lib/event/recording/unpacked.ts'
