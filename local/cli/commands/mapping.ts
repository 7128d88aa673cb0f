// `microbatch mapping`: the command of the mapping's package, for the service that is found as the other commands find it.
import type { Command } from 'serverless-offline-kafka-mapping/internal/command/command'
import { mappingCommand as packaged } from 'serverless-offline-kafka-mapping/internal/command/mapping'
import { findService } from '../service/service.ts'

export const mappingCommand: Command = {
  ...packaged,
  help: packaged.help.replaceAll(/npm run mapping --|kafka-mapping/g, 'microbatch mapping'),
  async run(words) {
    const isNamed = words.some((word) => word === '--config' || word.startsWith('--config='))
    if (isNamed) return packaged.run(words)
    const { definitionFile } = findService({ dir: undefined, environment: process.env })
    return packaged.run(['--config', definitionFile, ...words])
  },
}
