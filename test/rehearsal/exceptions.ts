// What checkov finds in the packaged templates, and why it is to stay: what docs/iam.md says of it, too. Anything else that it
// finds fails the rehearsal, and so does an exception that nothing needs any more.

export interface Exception {
  /** What checkov asks for. */
  readonly wanted: string
  readonly why: string
  /** The parameter `dataKey` grants it. */
  readonly byDataKey?: boolean
}

const byDataKey = true

/** By checkov's ids. */
export const exceptions: ReadonlyMap<string, Exception> = new Map([
  [
    'CKV_AWS_26',
    { wanted: 'a KMS key of your own for the topic of alarms', why: 'alarms have no text of records', byDataKey },
  ],
  ['CKV_AWS_27', { wanted: 'a KMS key of your own for the queues', why: "SQS's own key is the default", byDataKey }],
  [
    'CKV_AWS_119',
    { wanted: 'a KMS key of your own for the table', why: "DynamoDB's own key is the default", byDataKey },
  ],
  [
    'CKV_AWS_158',
    { wanted: 'a KMS key of your own for the logs', why: "CloudWatch's own key is the default", byDataKey },
  ],
  [
    'CKV_AWS_18',
    {
      wanted: "access logs of the deployment's bucket",
      why: 'it has code and templates, no data, and is closed to the public; logs of it would need one more bucket',
    },
  ],
  [
    'CKV_AWS_21',
    { wanted: 'versions in that bucket', why: 'each deploy has a folder of its own there, so nothing is written over' },
  ],
  [
    'CKV_AWS_80',
    {
      wanted: 'the logs of the brokers (kafka=msk-new)',
      why: 'metrics and an alarm watch the brokers; their logs cost by the gigabyte and can be turned on at a running cluster',
    },
  ],
  [
    'CKV_AWS_95',
    {
      wanted: 'access logs of the HTTP API (QUERY_API)',
      why: "they cost by the gigabyte and say who asked for what; the provider's `logs: { httpApi: true }` turns them on, and what failed is in the function's own log",
    },
  ],
  [
    'CKV_AWS_115',
    {
      wanted: 'a limit to the concurrency of each function',
      why: 'a mapping invokes at most once at a time for a partition, the schedule once a minute; a limit takes its share from all other functions of the account',
    },
  ],
  [
    'CKV_AWS_116',
    {
      wanted: 'a dead-letter queue of each function',
      why: 'that is for asynchronous invocations: a mapping has its own destination, and the ticks of a minute that was missed would all be late',
    },
  ],
  [
    'CKV_AWS_117',
    {
      wanted: 'the consumers in a VPC',
      why: "they call DynamoDB and SQS only, over TLS at AWS's own addresses; in a VPC they would need a NAT gateway or endpoints for that",
    },
  ],
  [
    'CKV_AWS_173',
    {
      wanted: 'a KMS key of your own for variables',
      why: "they are names, addresses and ARNs, no secrets; Lambda's own key is on them",
    },
  ],
])

/** The table of docs/iam.md. */
export const exceptionsTable = (): string =>
  [
    '| check | wants | why not |',
    '|---|---|---|',
    ...Array.from(exceptions, ([id, { wanted, why, byDataKey }]) => {
      const reason = byDataKey === true ? `${why}; \`dataKey\` names another` : why
      return `| ${id} | ${wanted} | ${reason} |`
    }),
  ].join('\n')
