// What Lambda may do in the name of a function's role to join the network that Kafka is in.

import { deniedToCode } from './own-code.ts'
import { allow, type Statement } from './statement.ts'

/**
 * Network interfaces in the subnets of Kafka. EC2's Describe actions take no resource (Service Authorization Reference), and
 * Lambda wants the others on all interfaces (developer guide, "Giving Lambda functions access to resources in a VPC").
 */
const network = (see: readonly string[], join: readonly string[] = []): readonly Statement[] => [
  allow('SeeNetwork', ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', ...see], ['*']),
  allow(
    'JoinNetwork',
    ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', ...join],
    [{ 'Fn::Sub': `arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:*/*` }],
  ),
]

/** The network of a mapping's pollers. */
export const pollerNetwork = (see: readonly string[]): readonly Statement[] => network(see)

/** The network of a function: its own code is denied what Lambda does in its name (the same page of the guide). */
export const functionNetwork = (functionName: string): readonly Statement[] => [
  ...network([], ['ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses']),
  deniedToCode(
    'LeaveNetworkToLambda',
    functionName,
    [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    ['*'],
  ),
]
