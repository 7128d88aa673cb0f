import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Apache Kafka's own consumer on its defaults: says what it is assigned and what it reads, until its input ends. */
public class Consume {
    public static void main(String[] args) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", args[0], "group.id", args[1], "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(args[2].split(",")), new ConsumerRebalanceListener() {
                public void onPartitionsAssigned(Collection<TopicPartition> ignored) {
                    System.out.println("assigned " + consumer.assignment().size());
                }

                public void onPartitionsRevoked(Collection<TopicPartition> ignored) {}
            });
            while (System.in.available() == 0) {
                for (var record : consumer.poll(Duration.ofMillis(100)))
                    System.out.println("record " + new String(record.value(), StandardCharsets.UTF_8));
                consumer.commitSync();
            }
        }
    }
}
