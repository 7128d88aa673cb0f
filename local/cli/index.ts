// The command line: one word names the command, the rest is its own. microbatch.cjs has seen to it that Node is new enough.
import type { Command } from 'serverless-offline-kafka-mapping/internal/command/command'
import { sayFailure } from 'serverless-offline-kafka-mapping/internal/command/failure'
import { nearestName } from 'serverless-offline-kafka-mapping/internal/command/nearest-name'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { sayingWhatDisk } from '../process/disk.ts'
import { packageVersion } from './package-version.ts'

/** Each is loaded when it is asked for: one needs Kafka's client, another compiles, and most need neither. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['init', async () => (await import('./commands/init.ts')).initCommand],
  ['start', async () => (await import('./commands/start.ts')).startCommand],
  ['batch', async () => (await import('./commands/batch.ts')).batchCommand],
  ['verify', async () => (await import('./commands/verify.ts')).verifyCommand],
  ['topic', async () => (await import('./commands/topic.ts')).topicCommand],
  ['send', async () => (await import('./commands/send.ts')).sendCommand],
  ['tail', async () => (await import('./commands/tail.ts')).tailCommand],
  ['lag', async () => (await import('./commands/lag.ts')).lagCommand],
  ['invoke', async () => (await import('./commands/invoke.ts')).invokeCommand],
  ['record', async () => (await import('./commands/recordings/record.ts')).recordCommand],
  ['replay', async () => (await import('./commands/recordings/replay.ts')).replayCommand],
  ['diff', async () => (await import('./commands/recordings/diff.ts')).diffCommand],
  ['redrive', async () => (await import('./commands/recordings/redrive.ts')).redriveCommand],
  ['state', async () => (await import('./commands/state/state.ts')).stateCommand],
  ['catch-up', async () => (await import('./commands/state/catch-up.ts')).catchUpCommand],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctorCommand],
  ['mapping', async () => (await import('./commands/mapping.ts')).mappingCommand],
  ['localstack', async () => (await import('./commands/localstack.ts')).localstackCommand],
])

async function overview(): Promise<string> {
  const all = await Promise.all([...commands.values()].map((load) => load()))
  return `microbatch COMMAND [options], in the folder of a service or below it

${all.map(({ name, summary }) => `  ${name.padEnd(11)}${summary}`).join('\n')}

microbatch COMMAND --help tells the rest.`
}

async function main([name = '--help', ...words]: readonly string[]): Promise<number> {
  const command = await commands.get(name)?.()
  if (command === undefined) {
    const isHelp = ['help', '--help', '-h'].includes(name)
    const isVersion = ['version', '--version', '-v'].includes(name)
    if (!isHelp && !isVersion) throw unknown(name)
    console.log(isHelp ? await overview() : packageVersion())
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
