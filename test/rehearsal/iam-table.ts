// The table of docs/iam.md: every action that the packaged templates grant, to whom, on what, and why.

import { exceptionsTable } from './exceptions.ts'
import type { Package, Resource } from './variants.ts'

const reasons = new Map([
  ['WriteLogs', 'tables, log lines and metrics go to its log group'],
  ['SetBadRecordsAside', 'a record that cannot be decoded goes to the dead-letter queue'],
  ['SetFailedBatchesAside', 'the mapping tells the queue of a batch that it gave up'],
  ['FindBrokers', 'asks MSK where the brokers are, and the mapping what the cluster is'],
  ['ConnectToKafka', 'connects with the role: the mapping, or the producer, which is an idempotent one'],
  ['WriteTopic', 'sends the ticks'],
  ['ReadTopic', 'the mapping reads the records'],
  ['CommitOffsets', 'the mapping commits under its own consumer group'],
  ['ListSecrets', 'the mapping sees which passwords the cluster knows'],
  ['ReadSecrets', 'the password or certificate for Kafka, of the producer and of the mapping'],
  ['DecryptSecrets', 'the key of these secrets, where it is one of your own'],
  ['SeeNetwork', 'what Lambda looks up before it joins the network; EC2 takes no resource for these'],
  ['JoinNetwork', 'network interfaces of the function or of the pollers in the subnets of Kafka'],
  ['LeaveNetworkToLambda', "denied to the function's own code: only Lambda does it"],
  ['LeaveFailedBatchesToLambda', "denied to the function's own code: only the mapping does it"],
  ['LeaveKafkaToLambda', "denied to the function's own code: only the mapping does it"],
  ['UseDataKey', 'the key of table and queue, by way of these services only'],
  ['KeepState', 'the groups of the query'],
  ['AskState', 'reads the groups of the query that it asks, and changes none'],
  ['PutObjects', 'the files of its rows, below the prefix of the sink'],
  ['SendRows', 'its rows, to the queue of the sink'],
  ['PutEvents', 'its rows, to the bus of the sink'],
  ['PutRows', 'its rows, to the table of the sink'],
  ['UseKeysOfBuckets', 'the keys of these buckets, by way of S3 only'],
  ['UseKeysOfQueues', 'the keys of these queues, by way of SQS only'],
  ['UseKeysOfTables', 'the keys of these tables, by way of DynamoDB only'],
  ['ReadSchemas', 'the schema of a value, by its id, which is no resource of IAM; by the codec, the mapping, or both'],
  ['SeeRegistry', 'the mapping looks at the registry before it reads'],
  ['ReadRegistrySecret', 'user and password of the registry, for the codec, the mapping, or both'],
  ['DecryptRegistrySecret', 'the key of that secret, where it is one of your own'],
  [
    'LeaveSecretsToLambda',
    "denied to the function's own code, which has another secret to read: only the mapping does it",
  ],
])

interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly unknown[]
}

export const statementsOf = ({ Type, Properties }: Resource): readonly Statement[] =>
  Type === 'AWS::IAM::Role'
    ? (Properties as { Policies: { PolicyDocument: { Statement: Statement[] } }[] }).Policies.flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement,
      )
    : []

/**
 * @param packages by the heading of their tables
 * @throws Error for a statement that nobody gave a reason for
 */
export function iamPage(packages: ReadonlyMap<string, Package>): string {
  const sections = Array.from(packages, ([variant, { resources }]) => {
    const rows = Array.from(resources).flatMap(([role, resource]) =>
      statementsOf(resource).map(({ Sid, Effect, Action, Resource }) => {
        const reason = reasons.get(Sid)
        if (reason === undefined) throw new Error(`${role}: nobody said why it may ${Sid}`)
        const actions = Action.map((action) => `\`${action}\``).join(', ')
        const targets = Resource.map((target) => `\`${targetOf(target)}\``).join(', ')
        const verb = Effect === 'Deny' ? 'not ' : ''
        return `| ${role.replace(/Role$/, '').replaceAll('Dash', '-').toLowerCase()} | ${verb}${actions} | ${targets} | ${reason} |`
      }),
    )
    return `## ${variant}\n\n| who | may | on | why |\n|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return `# Who may do what on AWS, and why

Every function has a role of its own. Generated from the packaged templates by \`npm run test:deploy -- -u\`, and checked by it
against them. The schedule may invoke the producer, by a permission on the function; nobody else is granted anything.

## What the code of a function may not do

A mapping reads Kafka by the role of its function, so that the role must allow what no line of the function does: reading the
topic, committing, seeing passwords, joining a network. These are denied where the condition key \`lambda:SourceFunctionArn\` is that
of the function. Lambda sets the key in calls that come from within the execution environment, and in those that it makes itself
for logs, traces and EFS; it does not set it in the other calls that it makes by the role, among which the guide names creating
network interfaces and reading an event source (developer guide, "Using source function ARN to control function access behavior").
So the denial meets the code, whoever got hold of it, and not the mapping. Two things are not denied: \`kms:Decrypt\`, because the
key of the secrets may be that of the data, and is of no use without the secret; and what the code does itself.

This rests on the guide's page, and was not tried in an account of AWS's. Should a mapping ever report \`LastProcessingResult: PROBLEM\`
with a permission that the tables below do allow, \`LeaveKafkaToLambda\` is the statement to take away first.

## What checkov says

\`npm run test:deploy\` has checkov read every packaged template. What it finds is argued here; anything else is an error.

${exceptionsTable()}

${sections.join('\n')}`
}

/** \`DeadLetterQueue\` for a resource of the stack; an ARN from its service on. */
function targetOf(target: unknown): string {
  if (typeof target === 'string') return target.replace(/^arn:[^:]*:([^:]*):[^:]*:[^:]*:/, '$1:')
  if (typeof target !== 'object' || target === null) throw new Error(`no target: ${String(target)}`)
  const [[name, argument] = []] = Object.entries(target)
  switch (name) {
    case 'Ref':
      return String(argument)
    case 'Fn::GetAtt':
      return String((argument as readonly string[])[0])
    case 'Fn::Sub':
      return targetOf(String(argument).replaceAll(/\$\{AWS::\w+\}/g, ''))
    default:
      throw new Error(`${name} is not known to the table`)
  }
}
