// `microbatch record`: `start` with a recording, under a name of its own.
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { startCommand } from './start.ts'

export const recordCommand: Command = {
  name: 'record',
  summary: 'start --record FILE: writes each delivered event to a file while it runs',
  help: `microbatch record FILE [options]

The same as microbatch start --record FILE; its other options are those of start. A recording holds the records as they are
(mode 0600); one that is there already is appended to.`,
  async run(words) {
    const [file = '', ...rest] = parseWords('record', ['FILE'], {}, words.slice(0, 1)).words
    return startCommand.run(['--record', file, ...rest, ...words.slice(1)])
  },
}
