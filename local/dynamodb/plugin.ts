// A serverless plugin, `microbatch-local/tables`: where a DynamoDB API on this machine stands for AWS's, `sls offline` makes the tables of
// `resources` there before anything is invoked. Not part of the mapping, nor of its package.

import { asServerlessError, type ErrorClasses } from 'serverless-offline-kafka-mapping/internal/plugin/serverless-error'

interface Serverless extends ErrorClasses {
  readonly service: { readonly resources?: unknown }
}

export default class LocalTablesPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>

  constructor(serverless: Serverless, _options: unknown, { log }: { readonly log: { notice(text: string): void } }) {
    const make = async (): Promise<void> => {
      // The framework loads its plugins for every command, and most make no tables.
      const { readEnvironment } = await import('serverless-offline-kafka-mapping/internal/settings/environment')
      const { createTables, tablesOf } = await import('./tables.ts')
      const { dynamoDbEndpoint } = readEnvironment(process.env)
      if (dynamoDbEndpoint === undefined) return
      const made = await createTables(dynamoDbEndpoint, tablesOf(serverless.service.resources))
      for (const name of made) log.notice(`table ${name} made at ${dynamoDbEndpoint}`)
    }
    const makeOrRefuse = () => asServerlessError(serverless, make)
    this.hooks = { 'before:offline:start:init': makeOrRefuse, 'before:offline:start': makeOrRefuse }
  }
}
