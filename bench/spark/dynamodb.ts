// The DynamoDB API of a laptop in a process of its own, so that what it uses is counted: `dynamodb.ts FOLDER PORT`, until SIGTERM.

import { startDynamoDb } from '../../local/dynamodb/server.ts'

const [folder = '', port = ''] = process.argv.slice(2)
const server = await startDynamoDb({ folder, port: Number(port) })
process.once('SIGTERM', () => void server.stop())
