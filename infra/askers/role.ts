// The role of a function that asks a query.

import { arnOf, roleId } from '../names.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { logs, role } from '../resources/roles.ts'
import { allow } from '../resources/statement.ts'
import { tableId } from '../resources/table.ts'
import type { Resource } from '../resources/template.ts'
import type { Asker } from './asker.ts'

/** What a table under a key of one's own needs of those who only read it. DynamoDB developer guide, "Encryption at rest". */
const readKeyActions = ['kms:Decrypt', 'kms:DescribeKey']

/** The role of a function that asks a query: it reads the items of its state one by one, and can change none. */
export const askerRole = ({ dataKey }: Parameters, { name }: Pick<Asker, 'name'>): readonly [string, Resource] => {
  const via = { 'Fn::Sub': `dynamodb.\${AWS::Region}.\${AWS::URLSuffix}` }
  return [
    roleId(name),
    role([
      logs(name),
      allow('AskState', ['dynamodb:GetItem'], [arnOf(tableId)]),
      ...(dataKey === null
        ? []
        : [
            {
              ...allow('UseDataKey', readKeyActions, [dataKey]),
              Condition: { StringEquals: { 'kms:ViaService': [via] } },
            },
          ]),
    ]),
  ]
}
