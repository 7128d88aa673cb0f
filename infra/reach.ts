// The MSK cluster that is read and written, and the network from which a function reaches Kafka.

import type { Intrinsic } from './names.ts'
import type { Parameters } from './parameters/parameters.ts'
import { clientGroupId, clusterId, subnetIds as ownSubnetIds } from './resources/network.ts'

/** The one that was named, or the one of this stack; null where Kafka is not MSK. */
export const clusterArnOf = ({ kafka, clusterArn }: Parameters): string | { readonly Ref: string } | null =>
  kafka === 'msk-new' ? { Ref: clusterId } : kafka === 'msk' ? clusterArn : null

export interface Network {
  readonly subnetIds: readonly (string | Intrinsic)[]
  readonly securityGroupIds: readonly (string | Intrinsic)[]
}

/** Null where a producer reaches Kafka by the internet, or on a laptop. */
export function producerNetwork({ kafka, subnetIds, securityGroupIds }: Parameters): Network | null {
  if (kafka === 'msk-new') {
    return { subnetIds: ownSubnetIds.map((Ref) => ({ Ref })), securityGroupIds: [{ Ref: clientGroupId }] }
  }
  return kafka === 'local' || subnetIds.length === 0 ? null : { subnetIds, securityGroupIds }
}
