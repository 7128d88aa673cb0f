// What the lookup needs of AWS's DynamoDB client, and no more: loaded when rows are first looked up, and by name, so that a bundler
// leaves out the other commands.

export { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
