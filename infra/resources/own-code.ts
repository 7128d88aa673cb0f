// What a role allows that is not for the function's own code. Lambda and the mappings work by the function's role, too; by the
// condition key lambda:SourceFunctionArn what the code calls is told from what they call (developer guide, "Using source function
// ARN to control function access behavior"): it is in the calls of the code, and not in those that Lambda makes outside of it to
// join a network or to read an event source.

import { allow, type Statement, type Target } from './statement.ts'

/** A denial that meets the function's own code alone. */
export const deniedToCode = (
  Sid: string,
  functionName: string,
  actions: readonly string[],
  resources: readonly Target[],
): Statement => ({
  ...allow(Sid, actions, resources),
  Effect: 'Deny',
  Condition: {
    ArnEquals: {
      'lambda:SourceFunctionArn': [
        { 'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName}` },
      ],
    },
  },
})

/**
 * Leaves Kafka, its secrets, its network and the queue of failed batches to the mapping: a record that got hold of the code could
 * read no topic by it, commit no offset and see no password. The key of the secrets is not denied, as it may be that of the data,
 * and says nothing without a secret.
 *
 * @param readsSecrets the code has a secret of its own to read: only those of Kafka are denied then
 * @param writing what the code itself does in Kafka, for sinks that are topics: that is not denied
 */
export function leaveToMapping(
  functionName: string,
  failedBatches: Statement,
  reading: readonly Statement[],
  readsSecrets: boolean,
  writing: readonly Statement[] = [],
): readonly Statement[] {
  // Lambda joins the network for a writer, not its code.
  const own = new Set(
    writing
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action)
      .filter((action) => !action.startsWith('ec2:')),
  )
  const isSecret = ({ Sid }: Statement): boolean => readsSecrets && Sid === 'ReadSecrets'
  const actions = reading
    .filter((statement) => !isSecret(statement))
    .flatMap(({ Action }) => Action)
    .filter((action) => !action.startsWith('kms:') && !own.has(action))
  return [
    deniedToCode('LeaveFailedBatchesToLambda', functionName, failedBatches.Action, failedBatches.Resource),
    ...(actions.length === 0
      ? []
      : [deniedToCode('LeaveKafkaToLambda', functionName, Array.from(new Set(actions)).toSorted(), ['*'])]),
    ...reading
      .filter((statement) => isSecret(statement) && !writing.some(({ Sid }) => Sid === statement.Sid))
      .map(({ Action, Resource }) => deniedToCode('LeaveSecretsToLambda', functionName, Action, Resource)),
  ]
}
