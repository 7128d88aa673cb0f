// What the store needs of AWS's DynamoDB client, and no more: loaded when state is first used, and by name, so that a bundler leaves
// out the other commands.

export {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
