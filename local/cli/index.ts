// The command line: one word names the command, the rest is its own. microbatch.cjs has seen to it that Node is new enough.
import type { Command } from 'serverless-offline-kafka-mapping/internal/command/command'
import { sayFailure } from 'serverless-offline-kafka-mapping/internal/command/failure'
import { nearestName } from 'serverless-offline-kafka-mapping/internal/command/nearest-name'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { sayingWhatDisk } from '../process/disk.ts'
import { batchCommand } from './commands/batch.ts'
import { doctorCommand } from './commands/doctor.ts'
import { initCommand } from './commands/init.ts'
import { invokeCommand } from './commands/invoke.ts'
import { lagCommand } from './commands/lag.ts'
import { localstackCommand } from './commands/localstack.ts'
import { mappingCommand } from './commands/mapping.ts'
import { diffCommand } from './commands/recordings/diff.ts'
import { recordCommand } from './commands/recordings/record.ts'
import { redriveCommand } from './commands/recordings/redrive.ts'
import { replayCommand } from './commands/recordings/replay.ts'
import { sendCommand } from './commands/send.ts'
import { startCommand } from './commands/start.ts'
import { tailCommand } from './commands/tail.ts'
import { topicCommand } from './commands/topic.ts'
import { verifyCommand } from './commands/verify.ts'
import { packageVersion } from './package-version.ts'

const commands: ReadonlyMap<string, Command> = new Map(
  [
    initCommand,
    startCommand,
    batchCommand,
    verifyCommand,
    topicCommand,
    sendCommand,
    tailCommand,
    lagCommand,
    invokeCommand,
    recordCommand,
    replayCommand,
    diffCommand,
    redriveCommand,
    doctorCommand,
    mappingCommand,
    localstackCommand,
  ].map((command) => [command.name, command]),
)

const overview = `microbatch COMMAND [options], in the folder of a service or below it

${[...commands.values()].map(({ name, summary }) => `  ${name.padEnd(11)}${summary}`).join('\n')}

microbatch COMMAND --help tells the rest.`

async function main([name = '--help', ...words]: readonly string[]): Promise<number> {
  const command = commands.get(name)
  if (command === undefined) {
    const isHelp = ['help', '--help', '-h'].includes(name)
    const isVersion = ['version', '--version', '-v'].includes(name)
    if (!isHelp && !isVersion) throw unknown(name)
    console.log(isHelp ? overview : packageVersion())
    return 0
  }
  if (words.includes('--help') || words.includes('-h')) {
    console.log(command.help)
    return 0
  }
  return command.run(words)
}

function unknown(name: string): LocalError {
  const nearest = nearestName(name, [...commands.keys()])
  const suggestion = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  const problem = `There is no command ${printable(name, 100)}.${suggestion}`
  return new LocalError('COMMAND_INVALID', `${problem} All commands: microbatch --help`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = sayFailure(sayingWhatDisk(error))
}
