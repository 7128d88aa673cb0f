import { startEmbeddedDynamoDb } from '../../state/embedded-dynamodb.ts'
import { dynamoSinkContract } from './dynamo-sink-contract.ts'

dynamoSinkContract('the embedded DynamoDB', startEmbeddedDynamoDb, ['rows', 'append', 'update', 'complete'])
