#include "kafka/admin.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "kafka/admin_call.h"
#include "kafka/client_error.h"
#include "kafka/topic_admin.h"

namespace ticklake::kafka {
namespace {

constexpr int kTailPollMs = 100;

std::optional<std::string> text_of(const void* bytes, size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

base::Result<rd_kafka_s*> make_tail_consumer(const std::string& brokers,
                                             const ClientSettings& settings) {
  ClientSettings all = {{"bootstrap.servers", brokers},    {"group.id", "ticklake-tail"},
                        {"enable.auto.commit", "false"},   {"enable.partition.eof", "true"},
                        {"auto.offset.reset", "earliest"}, {"fetch.wait.max.ms", "10"}};
  all.insert(all.end(), settings.begin(), settings.end());
  TICKLAKE_ASSIGN(rd_kafka_conf_s * conf, make_client_conf(all));
  TICKLAKE_ASSIGN(rd_kafka_s * client, make_client(conf, false));
  rd_kafka_poll_set_consumer(client);
  return client;
}

}  // namespace

base::Result<std::unique_ptr<Admin>> Admin::start(const std::string& brokers,
                                                  std::chrono::milliseconds timeout,
                                                  const ClientSettings& settings) {
  std::unique_ptr<Admin> admin(new Admin(brokers, timeout, settings));
  ClientSettings all = {{"bootstrap.servers", brokers},
                        {"client.id", "ticklake-admin"},
                        {"reconnect.backoff.max.ms", "200"}};
  all.insert(all.end(), settings.begin(), settings.end());
  TICKLAKE_ASSIGN(rd_kafka_conf_s * conf, make_client_conf(all));
  TICKLAKE_ASSIGN(admin->client_, make_client(conf, true));
  return admin;
}

Admin::~Admin() {
  if (client_ != nullptr) rd_kafka_destroy(client_);
}

base::Result<void> Admin::wait_until_reachable() {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client_, 0, nullptr, &metadata, timeout_ms()) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return base::fail(unreachable_error(brokers_));
  }
  rd_kafka_metadata_destroy(metadata);
  return {};
}

base::Result<int32_t> Admin::partition_count(const std::string& topic) {
  // All topics are asked for, since asking for one by name creates it.
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client_, 1, nullptr, &metadata, timeout_ms()) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return base::fail(unreachable_error(brokers_));
  }
  const Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy> owned(metadata);
  const rd_kafka_metadata_topic_t* const begin = metadata->topics;
  const auto* const end = begin + metadata->topic_cnt;
  const auto* const found = std::find_if(
      begin, end, [&](const rd_kafka_metadata_topic_t& t) { return topic == t.topic; });
  return found == end ? 0 : found->partition_cnt;
}

base::Result<int32_t> Admin::ensure_topic(const NewTopic& topic) {
  TICKLAKE_ASSIGN(int32_t partitions, partition_count(topic.name));
  if (partitions > 0) return partitions;
  auto created = create_topic(*this, topic);
  if (!created && created.error().code != base::ErrorCode::kAlreadyExists) {
    return tl::unexpected(std::move(created).error());
  }
  TICKLAKE_ASSIGN(partitions, partition_count(topic.name));
  return std::max(partitions, topic.partitions);  // another broker may not know of it yet
}

base::Result<Watermarks> Admin::watermarks(const std::string& topic, int32_t partition) {
  return query_watermarks(client_, topic, partition, std::chrono::milliseconds(timeout_ms()));
}

base::Result<std::vector<TailRecord>> Admin::read_tail(const std::string& topic, int32_t partition,
                                                       int64_t count) {
  TICKLAKE_ASSIGN(const Watermarks marks, watermarks(topic, partition));
  std::vector<TailRecord> records;
  const int64_t first = std::max(marks.begin, marks.end - count);
  if (first >= marks.end) return records;

  TICKLAKE_ASSIGN(rd_kafka_s * client, make_tail_consumer(brokers_, settings_));
  const Owned<rd_kafka_t, rd_kafka_destroy> consumer(client);
  const Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy> assignment(
      rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(assignment.get(), topic.c_str(), partition)->offset = first;
  rd_kafka_assign(client, assignment.get());
  const std::string what = fmt::format("read the end of {}-{}", topic, partition);
  for (int64_t waited_ms = 0; waited_ms < timeout_.count();) {
    const Owned<rd_kafka_message_t, rd_kafka_message_destroy> message(
        rd_kafka_consumer_poll(client, kTailPollMs));
    if (!message) {
      waited_ms += kTailPollMs;
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return records;
    if (message->err == RD_KAFKA_RESP_ERR__TRANSPORT ||
        message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      continue;  // it connects again; the bound on waiting holds
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return base::fail(client_error(message->err, what));
    if (message->offset < marks.end) {
      records.push_back({.offset = message->offset,
                         .key = text_of(message->key, message->key_len),
                         .value = text_of(message->payload, message->len)});
    }
    if (message->offset + 1 >= marks.end) return records;
    waited_ms = 0;
  }
  return base::fail(base::ErrorCode::kTimeout, what, "the broker stopped answering");
}

}  // namespace ticklake::kafka
