// Reads a topic as consumers on the JVM do: Apicurio's Avro deserializer in Confluent's form finds each schema in the registry. A line for
// each record, its key and its value as Avro's own JSON.
//
//   java Read.java BROKERS TOPIC REGISTRY COUNT

import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

public class Read {
  public static void main(String[] args) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("group.id", "java-" + args[1]);
    properties.put("auto.offset.reset", "earliest");
    int left = Integer.parseInt(args[3]);
    try (KafkaConsumer<GenericRecord, GenericRecord> consumer =
        new KafkaConsumer<>(properties, deserializer(args[2], true), deserializer(args[2], false))) {
      consumer.subscribe(List.of(args[1]));
      while (left > 0) {
        for (ConsumerRecord<GenericRecord, GenericRecord> record : consumer.poll(Duration.ofSeconds(1))) {
          System.out.println("[" + record.key() + "," + record.value() + "]");
          left -= 1;
        }
      }
    }
  }

  static AvroKafkaDeserializer<GenericRecord> deserializer(String registry, boolean isKey) {
    AvroKafkaDeserializer<GenericRecord> deserializer = new AvroKafkaDeserializer<>();
    Map<String, Object> config = new HashMap<>();
    config.put("apicurio.registry.url", registry + "/apis/registry/v2");
    config.put("apicurio.registry.headers.enabled", false);
    config.put("apicurio.registry.id-handler", "io.apicurio.registry.serde.Legacy4ByteIdHandler");
    config.put("apicurio.registry.use-id", "contentId");
    config.put("apicurio.registry.avro.encoding", "BINARY");
    deserializer.configure(config, isKey);
    return deserializer;
  }
}
