import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Apache Kafka's own producer: each line in is {"topic", "config", "records"}; bytes are base64, absent ones null. */
public class Produce {
    public static void main(String[] args) throws Exception {
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ObjectMapper json = new ObjectMapper();
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) produce(json.readTree(line));
    }

    private static void produce(JsonNode job) throws Exception {
        Map<String, Object> config = new HashMap<>();
        job.get("config").properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        List<Future<?>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (JsonNode each : job.get("records")) {
                var record = new ProducerRecord<>(job.get("topic").asText(), 0, bytes(each.get("key")), bytes(each.get("value")));
                for (JsonNode header : each.get("headers")) record.headers().add(header.get(0).asText(), bytes(header.get(1)));
                sent.add(producer.send(record));
            }
        }
        for (Future<?> each : sent) each.get();
    }

    private static byte[] bytes(JsonNode base64) {
        return base64.isNull() ? null : Base64.getDecoder().decode(base64.asText());
    }
}
