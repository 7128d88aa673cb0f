// The names of a deployment: its functions' logical ids, as the framework makes them, and what is called after a query.

/** The service of serverless.yml, and the stage that it is deployed as. */
export interface Service {
  readonly service: string
  readonly stage: string
}

/** What CloudFormation puts in the place of a value. */
export interface Intrinsic {
  readonly [intrinsic: string]: unknown
}

export const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * The framework's name for a function in logical ids.
 * @example `${logicalName('order-bars')}LambdaFunction` // 'OrderDashbarsLambdaFunction'
 */
export const logicalName = (key: string): string => upper(key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore'))

/** The framework's name for anything else in logical ids. @example alphanumeric('stock-ticks') // 'Stockticks' */
export const alphanumeric = (text: string): string => upper(text.replaceAll(/[^0-9A-Za-z]/g, ''))

/** Kafka's consumer group of a query. It is named, so that a mapping that is made again goes on where the last one was. */
export const consumerGroupId = ({ service, stage }: Service, query: string, topic: string): string =>
  `${service}-${stage}-${query}-${topic}`

/** The logical id of the role that a function is given. */
export const roleId = (key: string): string => `${logicalName(key)}Role`

export const arnOf = (logicalId: string): Intrinsic => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })
