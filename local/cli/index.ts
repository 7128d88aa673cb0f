// The command line behind the npm scripts: one word names the command, the rest is its own. It runs under the project's Node,
// which bootstrap.mjs sees to.

import type { Command } from 'serverless-offline-kafka-mapping/internal/command/command'
import { sayFailure } from 'serverless-offline-kafka-mapping/internal/command/failure'
import { mappingCommand } from 'serverless-offline-kafka-mapping/internal/command/mapping'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { batchCommand } from './commands/batch.ts'
import { doctorCommand } from './commands/doctor.ts'
import { invokeCommand } from './commands/invoke.ts'
import { localstackCommand } from './commands/localstack.ts'
import { recordCommand } from './commands/record.ts'
import { replayCommand } from './commands/replay.ts'
import { startCommand } from './commands/start.ts'
import { verifyCommand } from './commands/verify.ts'

const commands: ReadonlyMap<string, Command> = new Map(
  [
    startCommand,
    batchCommand,
    verifyCommand,
    invokeCommand,
    recordCommand,
    replayCommand,
    doctorCommand,
    localstackCommand,
    mappingCommand,
  ].map((command) => [command.name, command]),
)

const overview = `${[...commands.values()].map(({ name, summary }) => `  ${name.padEnd(11)}${summary}`).join('\n')}

  npm start -- --help, npm run invoke -- --help, … tell the rest. npm test, npm run check and npm run bench stand beside them.`

async function main([name = 'help', ...words]: readonly string[]): Promise<number> {
  const command = commands.get(name)
  if (command === undefined) {
    if (['help', '--help', '-h'].includes(name)) {
      console.log(overview)
      return 0
    }
    throw new LocalError('COMMAND_INVALID', `There is no command ${printable(name)}.\n${overview}`)
  }
  if (words.includes('--help') || words.includes('-h')) {
    console.log(command.help)
    return 0
  }
  return command.run(words)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = sayFailure(error)
}
