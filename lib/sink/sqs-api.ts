// What the dead-letter queue needs of AWS's SQS client, and no more: loaded when the first letter comes, and by name, so that
// a bundler leaves out the other commands.

export { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
