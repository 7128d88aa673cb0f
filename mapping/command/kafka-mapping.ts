#!/usr/bin/env node
// The `kafka-mapping` command of the package: what `npm run mapping` is in this project.
import { commandHelp } from './command-options.ts'
import { sayFailure } from './failure.ts'
import { mappingCommand } from './mapping.ts'

const words = process.argv.slice(2)
try {
  if (words.includes('--help') || words.includes('-h')) console.log(commandHelp('kafka-mapping'))
  else process.exitCode = await mappingCommand.run(words)
} catch (error) {
  process.exitCode = sayFailure(error)
}
