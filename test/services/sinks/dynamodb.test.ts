// The table sink against Amazon's own implementation.
import { dynamoSinkContract } from '../../sink/tables/dynamo-sink-contract.ts'
import { startDynamoDbLocal } from '../dynamodb-local/server.ts'

dynamoSinkContract('DynamoDB Local', startDynamoDbLocal, ['rows'])
