import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** The role admin: the commands in promises.py. */
final class Administrator {
  private final Admin admin;

  private Administrator(Admin admin) {
    this.admin = admin;
  }

  static void run(Map<String, String> settings) throws Exception {
    try (Admin admin = Admin.create(Driver.connection(settings))) {
      Administrator administrator = new Administrator(admin);
      Frame.serve(Map.ofEntries(
          Map.entry("create", administrator::create),
          Map.entry("delete", a -> done(admin.deleteTopics(Set.of(a[0])).all())),
          Map.entry("topics", a -> List.copyOf(admin.listTopics().names().get())),
          Map.entry("partitions", a -> List.of(admin.describeTopics(List.of(a[0]))
              .allTopicNames().get().get(a[0]).partitions().size())),
          Map.entry("add_partitions", a -> done(admin.createPartitions(
              Map.of(a[0], NewPartitions.increaseTo(Integer.parseInt(a[1])))).all())),
          Map.entry("config", administrator::config),
          Map.entry("alter", administrator::alter),
          Map.entry("groups", a -> admin.listConsumerGroups().all().get().stream()
              .map(group -> group.groupId()).collect(Collectors.toList())),
          Map.entry("group", administrator::group),
          Map.entry("offset", a -> List.of(admin.listConsumerGroupOffsets(a[0])
              .partitionsToOffsetAndMetadata().get().get(partition(a, 1)).offset())),
          Map.entry("set_offset", a -> done(admin.alterConsumerGroupOffsets(a[0], Map.of(
              partition(a, 1), new OffsetAndMetadata(Long.parseLong(a[3])))).all())),
          Map.entry("delete_group", a -> done(admin.deleteConsumerGroups(Set.of(a[0])).all())),
          Map.entry("ends", a -> List.of(administrator.end(partition(a, 0), OffsetSpec.earliest()),
              administrator.end(partition(a, 0), OffsetSpec.latest()))),
          Map.entry("delete_records", a -> done(admin.deleteRecords(Map.of(partition(a, 0),
              RecordsToDelete.beforeOffset(Long.parseLong(a[2])))).all()))));
    }
  }

  private static List<?> done(KafkaFuture<?> call) throws Exception {
    call.get();
    return List.of();
  }

  /** The topic at arguments[at] and the partition behind it. */
  private static TopicPartition partition(String[] arguments, int at) {
    return new TopicPartition(arguments[at], Integer.parseInt(arguments[at + 1]));
  }

  private List<?> create(String[] arguments) throws Exception {
    NewTopic topic = new NewTopic(arguments[0],
        Optional.of(Integer.parseInt(arguments[1])), Optional.empty());
    return done(admin.createTopics(List.of(topic.configs(Frame.pairs(arguments, 2)))).all());
  }

  private List<?> config(String[] arguments) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, arguments[0]);
    return List.of(admin.describeConfigs(Set.of(topic)).all().get().get(topic)
        .get(arguments[1]).value());
  }

  private List<?> alter(String[] arguments) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, arguments[0]);
    List<AlterConfigOp> changes = Frame.pairs(arguments, 1).entrySet().stream()
        .map(pair -> new AlterConfigOp(
            new ConfigEntry(pair.getKey(), pair.getValue()), AlterConfigOp.OpType.SET))
        .collect(Collectors.toList());
    return done(admin.incrementalAlterConfigs(Map.of(topic, changes)).all());
  }

  private List<?> group(String[] arguments) throws Exception {
    ConsumerGroupDescription group =
        admin.describeConsumerGroups(Set.of(arguments[0])).all().get().get(arguments[0]);
    // The name of the state, whichever of the two enums a version has for it.
    return List.of(groupState(group), group.members().size());
  }

  /** state() is gone from version 5 on, groupState() came with 4.0. */
  private static String groupState(ConsumerGroupDescription group) throws Exception {
    for (var method : ConsumerGroupDescription.class.getMethods()) {
      if (method.getName().equals("groupState")) {
        return method.invoke(group).toString();
      }
    }
    return ConsumerGroupDescription.class.getMethod("state").invoke(group).toString();
  }

  private long end(TopicPartition partition, OffsetSpec which) throws Exception {
    ListOffsetsResultInfo found =
        admin.listOffsets(Map.of(partition, which)).partitionResult(partition).get();
    return found.offset();
  }
}
