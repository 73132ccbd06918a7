#include "kafka/record_reader.h"

#include <algorithm>

#include "kafka/admin_call.h"
#include "kafka/group_admin.h"
#include "kafka/topic_admin.h"

namespace ticklake::kafka {
namespace {

base::Result<int64_t> offset_of(const StartPosition& start, const TopicPartition& partition,
                                Admin& admin) {
  switch (start.kind) {
    case StartPosition::Kind::kEarliest: return RD_KAFKA_OFFSET_BEGINNING;
    case StartPosition::Kind::kLatest: return RD_KAFKA_OFFSET_END;
    case StartPosition::Kind::kOffset: return start.value;
    case StartPosition::Kind::kBeforeEnd: {
      TICKLAKE_ASSIGN(const Watermarks marks,
                      admin.watermarks(partition.topic, partition.partition));
      return std::max(marks.begin, marks.end - start.value);
    }
    case StartPosition::Kind::kTime: {
      const base::WallTime time{std::chrono::milliseconds(start.value)};
      TICKLAKE_ASSIGN(const auto offsets, offsets_for_time(admin, {partition}, time));
      return offsets.at(partition);
    }
  }
  return RD_KAFKA_OFFSET_BEGINNING;
}

std::optional<std::string_view> bytes_of(const void* bytes, size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), size);
}

ReadRecord record_of(const rd_kafka_message_t& message) {
  ReadRecord record;
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  record.key = bytes_of(message.key, message.key_len);
  record.value = bytes_of(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.push_back({name, bytes_of(value, size)});
  }
  return record;
}

/// What ends reading; anything else librdkafka tries again by itself.
bool is_final(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: return true;
    default: return false;
  }
}

}  // namespace

base::Result<std::unique_ptr<RecordReader>> RecordReader::start(const ReaderOptions& options,
                                                                Admin& admin) {
  const bool is_member = !options.group.empty();
  const bool is_latest = options.start.kind == StartPosition::Kind::kLatest;
  ClientSettings settings = {
      {"bootstrap.servers", options.brokers},
      {"client.id", "ticklake-consume"},
      {"group.id", is_member ? options.group : "ticklake-consume"},
      {"enable.auto.commit", is_member ? "true" : "false"},
      {"enable.partition.eof", "true"},
      {"isolation.level", options.read_uncommitted ? "read_uncommitted" : "read_committed"},
      {"auto.offset.reset", is_member ? (is_latest ? "latest" : "earliest") : "error"},
      {"fetch.wait.max.ms", "100"}};
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  std::unique_ptr<RecordReader> reader(new RecordReader());
  TICKLAKE_ASSIGN(rd_kafka_conf_s* const conf, make_client_conf(settings));
  TICKLAKE_ASSIGN(reader->client_, make_client(conf, false));
  rd_kafka_poll_set_consumer(reader->client_);
  if (is_member) {
    TICKLAKE_TRY(reader->subscribe(options, admin));
  } else {
    TICKLAKE_TRY(reader->assign(options, admin));
  }
  return reader;
}

base::Result<void> RecordReader::assign(const ReaderOptions& options, Admin& admin) {
  TICKLAKE_ASSIGN(const TopicDescription topic, describe_topic(admin, options.topic));
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  for (const PartitionDescription& partition : topic.partitions) {
    if (options.partition && *options.partition != partition.id) continue;
    TICKLAKE_ASSIGN(const int64_t offset,
                    offset_of(options.start, {options.topic, partition.id}, admin));
    rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(), partition.id)->offset =
        offset;
  }
  if (list->cnt == 0) {
    return base::fail(base::ErrorCode::kNotFound,
                      "the topic '" + options.topic + "' has no partition " +
                          std::to_string(options.partition.value_or(0)),
                      "it has " + std::to_string(topic.partitions.size()));
  }
  partitions_ = static_cast<size_t>(list->cnt);
  const rd_kafka_resp_err_t error = rd_kafka_assign(client_, list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::fail(client_error(error, "cannot read the topic '" + options.topic + "'"));
}

base::Result<void> RecordReader::subscribe(const ReaderOptions& options, Admin& admin) {
  TICKLAKE_ASSIGN(const TopicDescription topic, describe_topic(admin, options.topic));
  partitions_ = topic.partitions.size();
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(client_, list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::fail(client_error(error, "cannot join the group '" + options.group + "'"));
}

RecordReader::~RecordReader() {
  if (message_ != nullptr) rd_kafka_message_destroy(message_);
  if (client_ == nullptr) return;
  rd_kafka_consumer_close(client_);
  rd_kafka_destroy(client_);
}

void RecordReader::mark_end(int32_t partition) {
  if (std::ranges::find(at_end_, partition) == at_end_.end()) at_end_.push_back(partition);
}

base::Result<std::optional<ReadRecord>> RecordReader::next(std::chrono::milliseconds wait) {
  if (message_ != nullptr) rd_kafka_message_destroy(std::exchange(message_, nullptr));
  rd_kafka_message_t* const message =
      rd_kafka_consumer_poll(client_, static_cast<int>(wait.count()));
  if (message == nullptr) return std::nullopt;
  message_ = message;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::erase(at_end_, message->partition);
    return record_of(*message);
  }
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) mark_end(message->partition);
  if (is_final(message->err)) {
    return base::fail(
        answered_error(message->err, "cannot read on", rd_kafka_message_errstr(message)));
  }
  return std::nullopt;
}

}  // namespace ticklake::kafka
