// Where Kafka can be, and how its clients say who they are there.

/**
 * local: on this machine. msk: an MSK cluster by its ARN. msk-new: one that the stack makes. self-managed: any other Kafka by its
 * addresses. none: no mapping of AWS's; something else invokes the functions.
 */
export const kafkas = ['local', 'msk', 'msk-new', 'self-managed', 'none'] as const

export type KafkaKind = (typeof kafkas)[number]

export const authentications = ['none', 'tls', 'mtls', 'plain', 'scram-sha-256', 'scram-sha-512', 'iam'] as const

export type Auth = (typeof authentications)[number]

/** Which kinds of authentication each Kafka knows; the first is the one that is taken where none is given. */
export const auths: Readonly<Record<KafkaKind, readonly Auth[]>> = {
  local: ['none'],
  none: ['none', 'tls', 'mtls', 'plain', 'scram-sha-256', 'scram-sha-512'],
  msk: ['iam', 'scram-sha-512', 'mtls'],
  'msk-new': ['iam'],
  'self-managed': ['scram-sha-512', 'scram-sha-256', 'plain', 'mtls', 'tls', 'none'],
}

/** The authentication that is in force. */
export const authOf = ({ kafka, auth }: { readonly kafka: KafkaKind; readonly auth: Auth | null }): Auth =>
  auth ?? auths[kafka][0] ?? 'none'

export const needsSecret = (auth: Auth): boolean => !['none', 'tls', 'iam'].includes(auth)
