// kafka=msk-new: the network that the cluster stands in, of three zones. The pollers of the mappings, which run in the subnets of
// the cluster, and the producer reach AWS's APIs by one NAT gateway. What a kept cluster stands in is kept with it; else a removal
// fails at it.

import { keptWith, type Resource } from './template.ts'

/** The cluster's logical id stands here, since what reaches it (reach.ts) comes before it is made (cluster.ts). */
export const clusterId = 'KafkaCluster'
export const clientGroupId = 'KafkaClientSecurityGroup'
export const brokerGroupId = 'KafkaSecurityGroup'

const zones = ['A', 'B', 'C'] as const
export const subnetIds: readonly string[] = zones.map((zone) => `PrivateSubnet${zone}`)

const cidr = '10.42.0.0/16'
/** Brokers listen here for clients with IAM. */
const iamPort = 9098

const ref = (Ref: string) => ({ Ref })
const groupOf = (id: string) => ({ 'Fn::GetAtt': [id, 'GroupId'] })
const nameTag = (name: string) => [{ Key: 'Name', Value: name }]
const zoneOf = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] })

/** @param name the service and its stage */
export function network(name: string, keepData: boolean): Readonly<Record<string, Resource>> {
  const kept = keptWith(keepData)
  return {
    Vpc: {
      Type: 'AWS::EC2::VPC',
      ...kept,
      Properties: { CidrBlock: cidr, EnableDnsHostnames: true, EnableDnsSupport: true, Tags: nameTag(name) },
    },
    ...Object.fromEntries(zones.flatMap((zone, index) => privateSubnet(name, zone, index, keepData))),
    ...wayOut(name),
    ...securityGroups(keepData),
  }
}

function privateSubnet(name: string, zone: string, index: number, keepData: boolean): readonly [string, Resource][] {
  const subnet: Resource = {
    Type: 'AWS::EC2::Subnet',
    ...keptWith(keepData),
    Properties: {
      VpcId: ref('Vpc'),
      AvailabilityZone: zoneOf(index),
      CidrBlock: `10.42.${index}.0/24`,
      Tags: nameTag(`${name}-private-${zone.toLowerCase()}`),
    },
  }
  const routes: Resource = {
    Type: 'AWS::EC2::SubnetRouteTableAssociation',
    Properties: { SubnetId: ref(`PrivateSubnet${zone}`), RouteTableId: ref('PrivateRoutes') },
  }
  return [
    [`PrivateSubnet${zone}`, subnet],
    [`PrivateRoutesOf${zone}`, routes],
  ]
}

const attachment = 'InternetGatewayAttachment'

const wayOut = (name: string): Readonly<Record<string, Resource>> => ({
  PublicSubnet: {
    Type: 'AWS::EC2::Subnet',
    Properties: {
      VpcId: ref('Vpc'),
      AvailabilityZone: zoneOf(0),
      CidrBlock: '10.42.100.0/24',
      Tags: nameTag(`${name}-public`),
    },
  },
  InternetGateway: { Type: 'AWS::EC2::InternetGateway' },
  [attachment]: {
    Type: 'AWS::EC2::VPCGatewayAttachment',
    Properties: { VpcId: ref('Vpc'), InternetGatewayId: ref('InternetGateway') },
  },
  PublicRoutes: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
  PublicRoutesOfSubnet: {
    Type: 'AWS::EC2::SubnetRouteTableAssociation',
    Properties: { SubnetId: ref('PublicSubnet'), RouteTableId: ref('PublicRoutes') },
  },
  PublicRoute: {
    Type: 'AWS::EC2::Route',
    DependsOn: attachment,
    Properties: {
      RouteTableId: ref('PublicRoutes'),
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: ref('InternetGateway'),
    },
  },
  NatAddress: { Type: 'AWS::EC2::EIP', DependsOn: attachment, Properties: { Domain: 'vpc' } },
  NatGateway: {
    Type: 'AWS::EC2::NatGateway',
    Properties: { SubnetId: ref('PublicSubnet'), AllocationId: { 'Fn::GetAtt': ['NatAddress', 'AllocationId'] } },
  },
  PrivateRoutes: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
  PrivateRoute: {
    Type: 'AWS::EC2::Route',
    Properties: {
      RouteTableId: ref('PrivateRoutes'),
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: ref('NatGateway'),
    },
  },
})

const egress = [
  { Description: 'AWS APIs', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' },
  { Description: 'Kafka with IAM', IpProtocol: 'tcp', FromPort: iamPort, ToPort: iamPort, CidrIp: cidr },
]

/** Producers have the one of clients. The mappings' pollers take the cluster's own (developer guide, "Configuring network access"). */
const securityGroups = (keepData: boolean): Readonly<Record<string, Resource>> => ({
  [clientGroupId]: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'Clients of Kafka', VpcId: ref('Vpc'), SecurityGroupEgress: egress },
  },
  [brokerGroupId]: {
    Type: 'AWS::EC2::SecurityGroup',
    ...keptWith(keepData),
    Properties: {
      GroupDescription: 'Brokers of Kafka and the pollers of Lambda',
      VpcId: ref('Vpc'),
      SecurityGroupEgress: egress,
    },
  },
  KafkaFromClients: intoBrokers('Kafka with IAM, from the producer', clientGroupId),
  KafkaFromPollers: intoBrokers('Kafka with IAM, from the pollers', brokerGroupId),
})

const intoBrokers = (Description: string, from: string): Resource => ({
  Type: 'AWS::EC2::SecurityGroupIngress',
  Properties: {
    Description,
    GroupId: groupOf(brokerGroupId),
    SourceSecurityGroupId: groupOf(from),
    IpProtocol: 'tcp',
    FromPort: iamPort,
    ToPort: iamPort,
  },
})
