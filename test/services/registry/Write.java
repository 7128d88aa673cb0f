// Writes a topic as producers on the JVM do. Avro: Apicurio's serializer, which registers the schema and writes Confluent's header; the
// second version of the schema has a field more, and another name for one. Protobuf: Google's own bytes, after a header and a place of
// the message that are written with Kafka's varints, as Confluent's serializer does (MessageIndexes, ByteUtils.writeVarint).
//
//   java Write.java BROKERS TOPIC avro REGISTRY COUNT
//   java Write.java BROKERS TOPIC protobuf SCHEMA-ID COUNT

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Timestamp;
import com.google.protobuf.TimestampProto;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.ByteUtils;

public class Write {
  static final String FIRST = "{'type':'record','name':'Trade','namespace':'shop','fields':["
      + "{'name':'sym','type':'string'},{'name':'price','type':['null','double']},"
      + "{'name':'volume','type':'int'},{'name':'at','type':{'type':'long','logicalType':'timestamp-micros'}},"
      + "{'name':'side','type':{'type':'enum','name':'Side','symbols':['BUY','SELL']}},"
      + "{'name':'amount','type':{'type':'bytes','logicalType':'decimal','precision':12,'scale':2}},"
      + "{'name':'tags','type':{'type':'map','values':{'type':'array','items':'string'}}}]}";
  static final String SECOND = FIRST.replace("{'name':'sym',", "{'name':'symbol','aliases':['sym'],")
      .replace("'fields':[", "'fields':[{'name':'venue','type':'string','default':'none'},");

  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("acks", "all");
    int count = Integer.parseInt(args[4]);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      Values values = args[2].equals("avro") ? avro(args[1], args[3]) : protobuf(Integer.parseInt(args[3]));
      for (int i = 0; i < count; i += 1) producer.send(new ProducerRecord<>(args[1], values.at(i))).get();
    }
  }

  interface Values {
    byte[] at(int i) throws Exception;
  }

  static Values avro(String topic, String registry) {
    AvroKafkaSerializer<GenericRecord> serializer = new AvroKafkaSerializer<>();
    Map<String, Object> config = new HashMap<>();
    config.put("apicurio.registry.url", registry + "/apis/registry/v2");
    config.put("apicurio.registry.auto-register", true);
    config.put("apicurio.registry.if-exists", "RETURN_OR_UPDATE");
    config.put("apicurio.registry.headers.enabled", false);
    config.put("apicurio.registry.id-handler", "io.apicurio.registry.serde.Legacy4ByteIdHandler");
    config.put("apicurio.registry.use-id", "contentId");
    config.put("apicurio.registry.avro.encoding", "BINARY");
    serializer.configure(config, false);
    Schema[] schemas = {parse(FIRST), parse(SECOND)};
    return (i) -> {
      Schema schema = schemas[i % 2];
      GenericRecord trade = new GenericData.Record(schema);
      trade.put(i % 2 == 0 ? "sym" : "symbol", "S" + i);
      if (i % 2 == 1) trade.put("venue", "XNAS");
      trade.put("price", i % 3 == 0 ? null : i + 0.5);
      trade.put("volume", i * 1000);
      trade.put("at", 1_700_000_000_000_000L + i);
      trade.put("side", new GenericData.EnumSymbol(schema.getField("side").schema(), i % 2 == 0 ? "BUY" : "SELL"));
      trade.put("amount", decimal(schema, BigDecimal.valueOf(-125L - i, 2)));
      trade.put("tags", Map.of("a", java.util.List.of("x", "y")));
      return serializer.serialize(topic, trade);
    };
  }

  static Schema parse(String text) {
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }

  static ByteBuffer decimal(Schema schema, BigDecimal value) {
    Schema type = schema.getField("amount").schema();
    return new Conversions.DecimalConversion().toBytes(value, type, LogicalTypes.fromSchema(type));
  }

  static Values protobuf(int schemaId) throws Exception {
    DescriptorProto trade = DescriptorProto.newBuilder().setName("Trade")
        .addField(field("symbol", 1, Type.TYPE_STRING)).addField(field("price", 2, Type.TYPE_DOUBLE))
        .addField(field("volume", 3, Type.TYPE_SINT64))
        .addField(field("at", 4, Type.TYPE_MESSAGE).toBuilder().setTypeName(".google.protobuf.Timestamp"))
        .build();
    FileDescriptorProto file = FileDescriptorProto.newBuilder().setName("trade.proto").setPackage("shop")
        .setSyntax("proto3").addDependency("google/protobuf/timestamp.proto")
        .addMessageType(DescriptorProto.newBuilder().setName("Heartbeat")
            .addField(field("beat", 1, Type.TYPE_INT32)))
        .addMessageType(DescriptorProto.newBuilder().setName("Desk").addNestedType(trade)).build();
    Descriptor type = FileDescriptor.buildFrom(file, new FileDescriptor[] {TimestampProto.getDescriptor()})
        .findMessageTypeByName("Desk").findNestedTypeByName("Trade");
    return (i) -> {
      Timestamp at = Timestamp.newBuilder().setSeconds(1_700_000_000L).setNanos(i * 1_000_000).build();
      DynamicMessage message = DynamicMessage.newBuilder(type)
          .setField(type.findFieldByName("symbol"), "S" + i).setField(type.findFieldByName("price"), i + 0.5)
          .setField(type.findFieldByName("volume"), -1000L * i).setField(type.findFieldByName("at"), at).build();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(0);
      out.writeInt(schemaId);
      // Desk is the second message of the file, Trade the first within it.
      for (int index : new int[] {2, 1, 0}) ByteUtils.writeVarint(index, out);
      message.writeTo(out);
      return bytes.toByteArray();
    };
  }

  static FieldDescriptorProto field(String name, int number, Type type) {
    return FieldDescriptorProto.newBuilder().setName(name).setNumber(number).setType(type)
        .setLabel(Label.LABEL_OPTIONAL).build();
  }
}
