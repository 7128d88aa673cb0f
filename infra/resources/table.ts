// The table that all queries with state keep their groups in (lib/state): logs of changed groups, and the heads that name what
// counts of them, written on condition.

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
        // Nothing sets `expires` any more. It stays for tables that a version before the logs wrote to, whose items go by it.
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        ...(dataKey === null
          ? {}
          : { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: dataKey } }),
      },
    },
  },
})
