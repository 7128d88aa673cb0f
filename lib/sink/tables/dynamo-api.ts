// What the table sink needs of AWS's DynamoDB client, and no more: loaded when the sink is opened, and by name, so that a bundler
// leaves out the other commands.

export { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
