import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The driver of Apache Kafka's own client. */
public final class Driver {
  private static final Duration POLL = Duration.ofMillis(50);

  private Driver() {}

  static Map<String, Object> connection(Map<String, String> settings) {
    Map<String, Object> options = new HashMap<>();
    options.put("bootstrap.servers", settings.get("bootstrap"));
    if (settings.get("security").equals("sasl_ssl")) {
      String module = settings.get("mechanism").equals("PLAIN")
          ? "org.apache.kafka.common.security.plain.PlainLoginModule"
          : "org.apache.kafka.common.security.scram.ScramLoginModule";
      options.put("security.protocol", "SASL_SSL");
      options.put("ssl.truststore.type", "PEM");
      options.put("ssl.truststore.location", settings.get("ca"));
      options.put("sasl.mechanism", settings.get("mechanism"));
      options.put("sasl.jaas.config", String.format("%s required username=\"%s\" password=\"%s\";",
          module, settings.get("user"), settings.get("password")));
    }
    return options;
  }

  static KafkaConsumer<String, String> consumer(
      Map<String, String> settings, Map<String, Object> more) {
    Map<String, Object> options = connection(settings);
    options.put("auto.offset.reset", "earliest");
    options.put("enable.auto.commit", false);
    options.put("fetch.max.wait.ms", 100);
    options.put("metadata.max.age.ms", 1000);
    if ("consumer".equals(settings.get("protocol"))) {
      options.put("group.protocol", "consumer");
    } else {
      options.put("heartbeat.interval.ms", 200);
      options.put("session.timeout.ms", 10000);
    }
    options.putAll(more);
    return new KafkaConsumer<>(options, new StringDeserializer(), new StringDeserializer());
  }

  static KafkaProducer<String, String> producer(Map<String, String> settings) {
    Map<String, Object> options = connection(settings);
    options.put("acks", "all");
    options.put("linger.ms", 20);
    options.put("compression.type", settings.getOrDefault("codec", "none"));
    if (settings.containsKey("id")) {
      options.put("transactional.id", settings.get("id"));
      options.put("transaction.timeout.ms", 30000);
    }
    KafkaProducer<String, String> producer =
        new KafkaProducer<>(options, new StringSerializer(), new StringSerializer());
    if (settings.containsKey("id")) {
      producer.initTransactions();
    }
    return producer;
  }

  private static void runProducer(Map<String, String> settings) throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer = producer(settings)) {
      Frame.serve(Map.of(
          "send", a -> {
            Integer partition = a[1].equals("-1") ? null : Integer.valueOf(a[1]);
            sent.add(producer.send(new ProducerRecord<>(a[0], partition, a[2], a[3])));
            return List.of();
          },
          "flush", a -> {
            producer.flush();
            for (Future<?> one : sent) {
              one.get();
            }
            sent.clear();
            return List.of();
          },
          "begin", a -> done(producer::beginTransaction),
          "commit", a -> done(producer::commitTransaction),
          "abort", a -> done(producer::abortTransaction)));
    }
  }

  private static List<?> done(Runnable action) {
    action.run();
    return List.of();
  }

  private static AtomicBoolean ended() {
    AtomicBoolean ended = new AtomicBoolean();
    Frame.atEndOfInput(() -> ended.set(true));
    return ended;
  }

  private static void runMember(Map<String, String> settings) {
    AtomicBoolean ended = ended();
    int left = Integer.parseInt(settings.getOrDefault("stop_after", "2147483647"));
    try (KafkaConsumer<String, String> consumer = consumer(settings, Map.of(
        "group.id", settings.get("group"), "max.poll.records", 20))) {
      consumer.subscribe(List.of(settings.get("topic")), new ConsumerRebalanceListener() {
        @Override public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
          Frame.say("owned", consumer.assignment().size());
        }

        @Override public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
          Frame.say("owned", consumer.assignment().size() - revoked.size());
        }
      });
      while (!ended.get()) {
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
          if (left == 0) {
            break;
          }
          left--;
          if (!committed(consumer, record)) {
            break;
          }
          Frame.say("committed", record.value());
        }
      }
    }
  }

  /** Commits one record. Where a rebalance came between, what is still ours is read again. */
  private static boolean committed(
      KafkaConsumer<String, String> consumer, ConsumerRecord<String, String> record) {
    TopicPartition where = new TopicPartition(record.topic(), record.partition());
    try {
      consumer.commitSync(Map.of(where, new OffsetAndMetadata(record.offset() + 1)));
      return true;
    } catch (RebalanceInProgressException | CommitFailedException error) {
      // The position is past what was polled; the committed offset is where to go on.
      Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
      for (TopicPartition partition : consumer.assignment()) {
        OffsetAndMetadata offset = committed.get(partition);
        consumer.seek(partition, offset == null ? 0 : offset.offset());
      }
      return false;
    }
  }

  private static void runReader(Map<String, String> settings) {
    AtomicBoolean ended = ended();
    try (KafkaConsumer<String, String> consumer = consumer(settings, Map.of(
        "isolation.level", "read_" + settings.get("isolation")))) {
      consumer.assign(consumer.partitionsFor(settings.get("topic")).stream()
          .map(info -> new TopicPartition(info.topic(), info.partition()))
          .collect(Collectors.toList()));
      while (!ended.get()) {
        consumer.poll(POLL).forEach(record -> Frame.say("value", record.value()));
      }
    }
  }

  private static void runPipe(Map<String, String> settings) {
    AtomicBoolean ended = ended();
    try (KafkaProducer<String, String> producer = producer(settings);
        KafkaConsumer<String, String> consumer = consumer(settings, Map.of("group.id",
            settings.get("group"), "isolation.level", "read_committed", "max.poll.records", 10))) {
      consumer.subscribe(List.of(settings.get("input")));
      while (!ended.get()) {
        ConsumerRecords<String, String> records = consumer.poll(POLL);
        if (records.isEmpty()) {
          continue;
        }
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (ConsumerRecord<String, String> record : records) {
          producer.send(new ProducerRecord<>(settings.get("output"), "bar of " + record.value()));
          offsets.put(new TopicPartition(record.topic(), record.partition()),
              new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
        Frame.say("transaction");
      }
    }
  }

  /** Runs the role that the command line names, with its settings. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = Frame.pairs(arguments, 1);
    switch (arguments[0]) {
      case "producer" -> runProducer(settings);
      case "member" -> runMember(settings);
      case "reader" -> runReader(settings);
      case "pipe" -> runPipe(settings);
      case "admin" -> Administrator.run(settings);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }
}
