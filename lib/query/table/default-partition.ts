// The partition that Kafka's producers give a key by default: murmur2 over its bytes (KafkaProducer's BuiltInPartitioner.partitionForKey,
// and kafkajs's default partitioner). Others choose by other hashes, librdkafka by CRC32, so it says where to look first, and no more.

/** @example defaultPartition('AAPL', 3) */
export function defaultPartition(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions
}

const multiplier = 0x5bd1e995
const rotation = 24

/** org.apache.kafka.common.utils.Utils.murmur2, a signed integer of 32 bits. */
function murmur2(bytes: Buffer): number {
  const { length } = bytes
  let hash = 0x9747b28c ^ length
  const whole = length - (length % 4)
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), multiplier)
    word ^= word >>> rotation
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  if (length > whole) {
    hash ^= bytes.readUIntLE(whole, length - whole)
    hash = Math.imul(hash, multiplier)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}
