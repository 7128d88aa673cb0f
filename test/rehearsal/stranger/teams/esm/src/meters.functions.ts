import type { AWS } from '@serverless/typescript'

/** One file for each function beside its handler, as the framework's own TypeScript template has it. */
export const meters: NonNullable<AWS['functions']>[string] = {
  handler: 'src/meters.handler',
  timeout: 20,
  events: [
    {
      kafka: {
        topic: 'readings',
        bootstrapServers: ['localhost:${env:KAFKA_PORT}'],
        batchSize: 50,
        maximumBatchingWindow: 1,
        filterPatterns: [{ value: { unit: ['kWh'] } }],
        accessConfigurations: { saslScram512Auth: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka' },
      },
    },
  ],
}
