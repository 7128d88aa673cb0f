// The table that all queries with state keep their groups in (lib/state). Items are small, written on condition, and those of
// closed windows expire by themselves.

import { type DataOptions, keptWith, type TemplatePart } from './template.ts'

export const tableId = 'StateTable'

export const table = (name: string, { keepData, dataKey }: DataOptions): TemplatePart => ({
  Resources: {
    [tableId]: {
      Type: 'AWS::DynamoDB::Table',
      ...keptWith(keepData),
      Properties: {
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        ...(dataKey === null
          ? {}
          : { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: dataKey } }),
      },
    },
  },
})
