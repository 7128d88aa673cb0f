// The settings of a one-node Kafka for a laptop, and why each is there. Pure: ports and folders in, the file's text out.

export interface ServerSettings {
  readonly dataDir: string
  readonly port: number
  readonly controllerPort: number
  /** The listener for containers, advertised as `kafka:29092`; none when undefined. */
  readonly internalPort: number | undefined
}

/** @example writeFileSync('server.properties', serverProperties({ dataDir, port: 9092, controllerPort, internalPort: 29092 })) */
export function serverProperties(settings: ServerSettings): string {
  const { port, controllerPort, internalPort } = settings
  const listeners = [`EXTERNAL://localhost:${port}`]
  const advertised = [`EXTERNAL://localhost:${port}`]
  if (internalPort !== undefined) {
    listeners.push(`INTERNAL://127.0.0.1:${internalPort}`)
    advertised.push('INTERNAL://kafka:29092')
  }
  return `${[
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    `listeners=${[...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(',')}`,
    `advertised.listeners=${advertised.join(',')}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,EXTERNAL:PLAINTEXT,INTERNAL:PLAINTEXT',
    // with INTERNAL, transactions fail where the name `kafka` does not resolve
    'inter.broker.listener.name=EXTERNAL',
    `log.dirs=${settings.dataDir.replaceAll('\\', '/')}`,
    // a misspelt topic is an error, as on MSK, and not a new empty topic
    'auto.create.topics.enable=false',
    // one node holds the one copy of everything
    'default.replication.factor=1',
    'min.insync.replicas=1',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'share.coordinator.state.topic.num.partitions=1',
    // the default waits 3 s for more members to join a group
    'group.initial.rebalance.delay.ms=0',
    // a broker killed with -9 may not register again before its old session has ended: 9 s by default
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=500',
    // its default of 128 MB does not fit the heap, and the broker dies of it without a word
    'log.cleaner.dedupe.buffer.size=4194304',
  ].join('\n')}\n`
}
