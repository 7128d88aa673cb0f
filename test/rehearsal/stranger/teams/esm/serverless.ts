import type { AWS } from '@serverless/typescript'
import { meters } from './src/meters.functions.ts'

const configuration: AWS = {
  service: 'meters',
  frameworkVersion: '4',
  plugins: ['serverless-esbuild', 'serverless-offline-kafka-mapping', 'serverless-offline'],
  provider: { name: 'aws', runtime: 'nodejs22.x', region: 'eu-central-1', environment: { LOG_LEVEL: 'info' } },
  functions: { meters },
  package: { individually: true },
  custom: {
    esbuild: { bundle: true, format: 'esm', outputFileExtension: '.mjs', target: 'node22', sourcemap: true },
    'serverless-offline': { lambdaPort: '${env:OFFLINE_LAMBDA_PORT}', httpPort: '${env:OFFLINE_HTTP_PORT}' },
  },
}

module.exports = configuration
