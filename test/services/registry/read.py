# Reads a topic by Confluent's own consumer and deserializers, which find each schema in the registry: a line of JSON for each record, with
# its key and its value.
#
#   python read.py BROKERS REGISTRY avro TOPIC COUNT
#   python read.py BROKERS REGISTRY protobuf TOPIC COUNT FILE MESSAGE
#
# FILE is the descriptor of the file in base64, MESSAGE the name of the message of the values; their keys are text.

import base64
import json
import sys
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf import timestamp_pb2  # its file is in the pool by this
from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, form, topic, count = sys.argv[1:6]
client = SchemaRegistryClient({'url': registry})


def message_class():
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(base64.b64decode(sys.argv[6]))
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(sys.argv[7]))


if form == 'avro':
    avro = AvroDeserializer(client)
    # The key of a sink that is not told otherwise is text.
    key_of = lambda data, context: avro(data, context) if data[0] == 0 else data.decode()
    value_of = avro
else:
    protobuf = ProtobufDeserializer(message_class(), {'use.deprecated.format': False}, client)
    key_of = lambda data, _: data.decode()
    value_of = lambda data, context: json_format.MessageToDict(protobuf(data, context))

consumer = Consumer({'bootstrap.servers': brokers, 'group.id': 'read-' + topic, 'auto.offset.reset': 'earliest'})
consumer.subscribe([topic])
for _ in range(int(count)):
    record = None
    while record is None:
        record = consumer.poll(1)
    if record.error():
        sys.exit(str(record.error()))
    key = key_of(record.key(), SerializationContext(topic, MessageField.KEY))
    value = value_of(record.value(), SerializationContext(topic, MessageField.VALUE))
    print(json.dumps([key, value], default=str))
consumer.close()
