#!/usr/bin/env node
// The `kafka-mapping` command of the package: what `npm run mapping` is in this project.
import { LocalError } from '../error.ts'
import { printable } from '../terminal.ts'
import { mappingCommand } from './mapping.ts'

const words = process.argv.slice(2)
try {
  if (words.includes('--help') || words.includes('-h'))
    console.log(mappingCommand.help.replaceAll('npm run mapping --', 'kafka-mapping'))
  else process.exitCode = await mappingCommand.run(words)
} catch (error) {
  // What a person can put right is said in words; anything else is a defect, and its stack is what helps.
  console.error(error instanceof LocalError ? printable(error.message, 2_000) : error)
  process.exitCode = error instanceof LocalError && error.code === 'COMMAND_INVALID' ? 2 : 1
}
