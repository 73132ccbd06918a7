#include "kafka/consumer.h"

#include <algorithm>

#include <librdkafka/rdkafka.h>

#include "kafka/client_error.h"

namespace ticklake::kafka {
namespace {

constexpr size_t kMessagesMax = 10'000;
/// Together five seconds, for leaving the group.
constexpr int kClosePollMs = 50;
constexpr int kClosePollsMax = 100;

using Settings = std::vector<std::pair<std::string, std::string>>;

/// What both kinds of consumer share: latency first, and batches that are worth a round trip.
Settings fetch_settings(const std::string& brokers) {
  return {{"bootstrap.servers", brokers},     {"client.id", "ticklake-sink"},
          {"enable.auto.commit", "false"},    {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "error"},     {"allow.auto.create.topics", "false"},
          {"fetch.min.bytes", "1"},           {"fetch.wait.max.ms", "50"},
          {"fetch.error.backoff.ms", "20"},   {"fetch.message.max.bytes", "4194304"},
          {"queued.min.messages", "1000000"}, {"queued.max.messages.kbytes", "131072"},
          {"socket.nagle.disable", "true"},   {"reconnect.backoff.ms", "10"},
          {"reconnect.backoff.max.ms", "500"}};
}

Settings group_settings(const ConsumerOptions& options) {
  Settings settings = fetch_settings(options.brokers);
  const Settings own = {
      {"group.id", options.group},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"session.timeout.ms", std::to_string(options.session_timeout.count())},
      {"heartbeat.interval.ms", std::to_string(options.session_timeout.count() / 5)},
      {"max.poll.interval.ms", "600000"},
      {"topic.metadata.refresh.interval.ms", "500"},
      {"topic.blacklist", "^__.*,.*[.]dead-letter$"}};
  settings.insert(settings.end(), own.begin(), own.end());
  if (!options.instance_id.empty()) {
    settings.emplace_back("group.instance.id", options.instance_id);
  }
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  return settings;
}

ConsumedRecord record_of(const rd_kafka_message_t& message) {
  ConsumedRecord record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  // -1: a record without a timestamp (from before Kafka 0.10) is of the day zero.
  if (record.timestamp_ms == -1) record.timestamp_ms = 0;
  if (message.key != nullptr) {
    record.key = std::string_view(static_cast<const char*>(message.key), message.key_len);
  }
  record.has_value = message.payload != nullptr;
  if (record.has_value) {
    record.value = {static_cast<const char*>(message.payload), message.len};
  }
  return record;
}

std::string name_of(const TopicPartition& partition) {
  return partition.topic + "/" + std::to_string(partition.partition);
}

struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

List make_list() { return List(rd_kafka_topic_partition_list_new(1)); }

}  // namespace

base::Result<std::unique_ptr<Consumer>> Consumer::start(const ConsumerOptions& options,
                                                        RebalanceListener listener) {
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(listener)));
  TICKLAKE_ASSIGN(rd_kafka_conf_t* const conf, make_client_conf(group_settings(options)));
  rd_kafka_conf_set_opaque(conf, consumer.get());
  rd_kafka_conf_set_rebalance_cb(
      conf, [](rd_kafka_t* client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list,
               void* opaque) { on_rebalance(client, error, list, opaque); });
  TICKLAKE_ASSIGN(consumer->client_, make_client(conf, false));
  rd_kafka_poll_set_consumer(consumer->client_);
  consumer->queue_ = rd_kafka_queue_get_consumer(consumer->client_);
  const List topics = make_list();
  if (options.topics.empty()) {
    rd_kafka_topic_partition_list_add(topics.get(), "^.*", RD_KAFKA_PARTITION_UA);
  }
  for (const std::string& topic : options.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer->client_, topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::unexpected(client_error(error, "cannot subscribe to the topics"));
  }
  return consumer;
}

Consumer::~Consumer() {
  drop_messages();
  closing_ = true;
  const bool is_closed = client_ == nullptr || close();
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
  // librdkafka waits for minutes for a coordinator that is away to take the last offsets, which are
  // a hint; a client that it does not let go is left to the end of the process.
  if (client_ != nullptr && is_closed) rd_kafka_destroy(client_);
}

bool Consumer::close() {
  rd_kafka_error_t* failed = rd_kafka_consumer_close_queue(client_, queue_);
  if (failed != nullptr) {
    rd_kafka_error_destroy(failed);
    return false;
  }
  for (int polls = 0; polls < kClosePollsMax && rd_kafka_consumer_closed(client_) == 0; ++polls) {
    rd_kafka_message_t* const message = rd_kafka_consumer_poll(client_, kClosePollMs);
    if (message != nullptr) rd_kafka_message_destroy(message);
  }
  return rd_kafka_consumer_closed(client_) != 0;
}

void Consumer::on_rebalance(rd_kafka_s* client, int error, rd_kafka_topic_partition_list_s* list,
                            void* opaque) {
  auto& self = *static_cast<Consumer*>(opaque);
  self.client_ = client;
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !self.closing_) {
    self.assign(list);
  } else {
    self.revoke(list);
  }
}

void Consumer::assign(rd_kafka_topic_partition_list_s* list) {
  const List left_alone = make_list();
  for (int i = 0; i < list->cnt; ++i) {
    rd_kafka_topic_partition_t& item = list->elems[i];
    const TopicPartition partition{item.topic, item.partition};
    const auto position = listener_.on_assigned(partition);
    item.offset = position.value_or(RD_KAFKA_OFFSET_END);
    if (position) {
      just_assigned_.emplace_back(partition, *position);
    } else {
      rd_kafka_topic_partition_list_add(left_alone.get(), item.topic, item.partition);
    }
  }
  rd_kafka_error_t* failed = rd_kafka_incremental_assign(client_, list);
  if (failed != nullptr) {
    error_ = base::Error{base::ErrorCode::kIo,
                         "cannot take up the partitions of the group",
                         rd_kafka_error_string(failed),
                         {},
                         false};
    rd_kafka_error_destroy(failed);
  }
  if (left_alone->cnt > 0) rd_kafka_pause_partitions(client_, left_alone.get());
}

void Consumer::revoke(rd_kafka_topic_partition_list_s* list) {
  if (!closing_) {
    for (int i = 0; i < list->cnt; ++i) {
      listener_.on_revoked({list->elems[i].topic, list->elems[i].partition});
    }
  }
  rd_kafka_error_t* failed = rd_kafka_incremental_unassign(client_, list);
  // At the end of the client there may be nothing left to give back.
  if (failed != nullptr) rd_kafka_error_destroy(failed);
}

void Consumer::drop_messages() {
  records_.clear();
  for (rd_kafka_message_t* message : messages_)
    rd_kafka_message_destroy(message);
  messages_.clear();
}

void Consumer::take(rd_kafka_message_s* message) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    messages_.push_back(message);
    return;
  }
  switch (message->err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      if (message->rkt != nullptr) {
        listener_.on_lost_position({rd_kafka_topic_name(message->rkt), message->partition},
                                   rd_kafka_message_errstr(message));
      }
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      if (message->rkt != nullptr && listener_.on_refused_topic) {
        listener_.on_refused_topic(rd_kafka_topic_name(message->rkt),
                                   rd_kafka_err2str(message->err));
      }
      break;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      error_ = client_error(message->err, "cannot read from Kafka");
      break;
    default: break;  // librdkafka tries again by itself: a broker away, a topic not there yet
  }
  rd_kafka_message_destroy(message);
}

void Consumer::seek_again() {
  for (const auto& assigned : just_assigned_) {
    const auto& partition = assigned.first;
    const auto& position = assigned.second;
    const List list = make_list();
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
        ->offset = position;
    rd_kafka_error_t* failed = rd_kafka_seek_partitions(client_, list.get(), -1);
    if (failed != nullptr) rd_kafka_error_destroy(failed);
    std::erase_if(messages_, [&](rd_kafka_message_t* message) {
      const bool is_stale = message->partition == partition.partition &&
                            partition.topic == rd_kafka_topic_name(message->rkt);
      if (is_stale) rd_kafka_message_destroy(message);
      return is_stale;
    });
  }
}

base::Result<std::span<const ConsumedRecord>> Consumer::poll(std::chrono::milliseconds wait,
                                                             size_t records_max) {
  drop_messages();
  rd_kafka_message_t* first = rd_kafka_consumer_poll(client_, static_cast<int>(wait.count()));
  if (first != nullptr) take(first);
  if (!messages_.empty()) {
    // The rest of what is there, without waiting for more.
    just_assigned_.clear();
    std::vector<rd_kafka_message_t*> more(std::min(records_max, kMessagesMax));
    const ssize_t count = rd_kafka_consume_batch_queue(queue_, 0, more.data(), more.size());
    for (ssize_t i = 0; i < count; ++i)
      take(more[static_cast<size_t>(i)]);
    // A batch may hold messages from before and after an assignment that happened in this call.
    if (!just_assigned_.empty()) seek_again();
  }
  if (error_) return tl::unexpected(*error_);
  records_.reserve(messages_.size());
  for (const rd_kafka_message_t* message : messages_)
    records_.push_back(record_of(*message));
  return std::span<const ConsumedRecord>(records_);
}

void Consumer::set_paused(std::span<const TopicPartition> partitions, bool paused) {
  if (partitions.empty()) return;
  const List list = make_list();
  for (const TopicPartition& partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  }
  if (paused) rd_kafka_pause_partitions(client_, list.get());
  if (!paused) rd_kafka_resume_partitions(client_, list.get());
}

base::Result<void> Consumer::read_from(const TopicPartition& partition, int64_t offset,
                                       std::chrono::milliseconds timeout) {
  const std::string what = "cannot read " + name_of(partition) + " from " + std::to_string(offset);
  const List list = make_list();
  rd_kafka_topic_partition_t* const item =
      rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  item->offset = offset;
  rd_kafka_resume_partitions(client_, list.get());
  item->err = RD_KAFKA_RESP_ERR_NO_ERROR;
  item->offset = offset;
  rd_kafka_error_t* failed =
      rd_kafka_seek_partitions(client_, list.get(), static_cast<int>(timeout.count()));
  if (failed == nullptr && item->err == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (failed != nullptr) rd_kafka_error_destroy(failed);
  // A partition that lost its position is not being fetched, and so cannot be sought in: it is
  // assigned anew.
  item->offset = offset;
  failed = rd_kafka_incremental_unassign(client_, list.get());
  if (failed == nullptr) failed = rd_kafka_incremental_assign(client_, list.get());
  if (failed == nullptr) return {};
  base::Error error{base::ErrorCode::kIo, what, rd_kafka_error_string(failed), {}, true};
  rd_kafka_error_destroy(failed);
  return tl::unexpected(std::move(error));
}

void Consumer::commit(const TopicPartition& partition, int64_t offset) {
  const List list = make_list();
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
      ->offset = offset;
  rd_kafka_commit(client_, list.get(), 1);
}

base::Result<Watermarks> Consumer::watermarks(const TopicPartition& partition,
                                              std::chrono::milliseconds timeout) {
  return query_watermarks(client_, partition.topic, partition.partition, timeout);
}

int64_t Consumer::cached_end(const TopicPartition& partition) const {
  Watermarks marks;
  const rd_kafka_resp_err_t error = rd_kafka_get_watermark_offsets(
      client_, partition.topic.c_str(), partition.partition, &marks.begin, &marks.end);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && marks.end >= 0 ? marks.end : -1;
}

}  // namespace ticklake::kafka
