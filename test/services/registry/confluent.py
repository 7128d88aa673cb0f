# Writes topics by Confluent's own serializers and producer: headers, message indexes and schema ids are theirs alone. The schemas are
# registered by the serializers.
#
#   python confluent.py BROKERS REGISTRY FORMAT TOPIC COUNT
#
# protobuf0, protobuf1 and protobuf2 are the three places that a message may have: the first of its file, another one, one within another.

import sys
from decimal import Decimal
from datetime import date, datetime, timezone
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf import timestamp_pb2, wrappers_pb2  # their files are in the pool by this
from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, form, topic, count = sys.argv[1:6]
client = SchemaRegistryClient({'url': registry})
SECOND = 1_767_623_400


def at(i):
    return datetime.fromtimestamp(SECOND + i, timezone.utc)


AVRO = """{"type": "record", "name": "Order", "namespace": "shop", "fields": [
  {"name": "id", "type": "long"},
  {"name": "day", "type": {"type": "int", "logicalType": "date"}},
  {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}},
  {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
  {"name": "fills", "type": {"type": "array", "items": {"type": "record", "name": "Fill", "fields": [
    {"name": "price", "type": {"type": "fixed", "name": "Price", "size": 8, "logicalType": "decimal", "precision": 18, "scale": 6}},
    {"name": "side", "type": {"type": "enum", "name": "Side", "symbols": ["BUY", "SELL"]}}]}}},
  {"name": "tags", "type": {"type": "map", "values": ["null", "string"]}},
  {"name": "buyer", "type": ["null", {"type": "record", "name": "Buyer", "fields": [{"name": "name", "type": "string"}]}]}]}"""


def order(i):
    fills = [{'price': Decimal('19.980000') - n, 'side': ['BUY', 'SELL'][n % 2]} for n in range(i % 3)]
    return {
        'id': 2**53 + i, 'day': date(2026, 1, 5), 'amount': Decimal('-12345678901234.0001') + i, 'at': at(i),
        'fills': fills, 'tags': {'desk': 'A', 'note': None}, 'buyer': None if i % 2 else {'name': 'Ada'},
    }


JSON = """{"$schema": "http://json-schema.org/draft-07/schema#", "title": "Order", "type": "object", "required": ["id"],
  "properties": {"id": {"type": "integer"}, "amount": {"type": "string"}, "fills": {"type": "array", "items": {"type": "object"}}}}"""


def field(name, number, type, label=1, type_name=None, **more):
    return descriptor_pb2.FieldDescriptorProto(
        name=name, number=number, type=type, label=label, type_name=type_name, json_name=name, **more)


def message_class(which):
    kinds = descriptor_pb2.FieldDescriptorProto
    fill = descriptor_pb2.DescriptorProto(name='Fill', field=[
        field('price', 1, kinds.TYPE_DOUBLE), field('side', 2, kinds.TYPE_ENUM, type_name='.shop.Side')])
    tags = descriptor_pb2.DescriptorProto(
        name='TagsEntry', options=descriptor_pb2.MessageOptions(map_entry=True),
        field=[field('key', 1, kinds.TYPE_STRING), field('value', 2, kinds.TYPE_INT64)])
    order = descriptor_pb2.DescriptorProto(name='Order', nested_type=[tags], field=[
        field('id', 1, kinds.TYPE_UINT64),
        field('at', 2, kinds.TYPE_MESSAGE, type_name='.google.protobuf.Timestamp'),
        field('fills', 3, kinds.TYPE_MESSAGE, label=3, type_name='.shop.Fill'),
        field('tags', 4, kinds.TYPE_MESSAGE, label=3, type_name='.shop.%sOrder.TagsEntry' % ('Desk.' if which == 2 else '')),
        field('note', 5, kinds.TYPE_MESSAGE, type_name='.google.protobuf.StringValue')])
    beat = descriptor_pb2.DescriptorProto(name='Heartbeat', field=[field('beat', 1, kinds.TYPE_INT32)])
    desk = descriptor_pb2.DescriptorProto(name='Desk', nested_type=[beat, order])
    # The places: [0]; [2]; [1, 1].
    messages = [[order, fill], [fill, beat, order], [fill, desk]][which]
    file = descriptor_pb2.FileDescriptorProto(
        name='orders%d.proto' % which, package='shop', syntax='proto3', message_type=messages,
        dependency=['google/protobuf/timestamp.proto', 'google/protobuf/wrappers.proto'],
        enum_type=[descriptor_pb2.EnumDescriptorProto(name='Side', value=[
            descriptor_pb2.EnumValueDescriptorProto(name='BUY', number=0),
            descriptor_pb2.EnumValueDescriptorProto(name='SELL', number=1)])])
    pool = descriptor_pool.Default()
    pool.Add(file)
    name = 'shop.Desk.Order' if which == 2 else 'shop.Order'
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def protobuf(which):
    of = message_class(which)

    def value(i):
        message = of(id=2**63 - 1 - i, tags={'a': i})
        message.at.FromDatetime(at(i))
        for n in range(i % 3):
            message.fills.add(price=19.5 - n, side=n % 2)
        if i % 2 == 0:
            message.note.value = 'n%d' % i
        return message
    return ProtobufSerializer(of, client), value


if form == 'avro':
    serialize, value = AvroSerializer(client, AVRO), order
elif form == 'json':
    serialize = JSONSerializer(JSON, client)
    value = lambda i: {'id': 2**53 + i, 'amount': '19.9%d' % i, 'fills': [{'lots': i}]}
else:
    serialize, value = protobuf(int(form.removeprefix('protobuf')))

producer = Producer({'bootstrap.servers': brokers, 'acks': 'all'})
context = SerializationContext(topic, MessageField.VALUE)
for i in range(int(count)):
    producer.produce(topic, value=serialize(value(i), context), partition=0)
    producer.poll(0)
left = producer.flush(30)
sys.exit(1 if left else 0)
