#include "feed/poll_store.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "kafka/admin.h"
#include "kafka/record_reader.h"

namespace ticklake::feed {
namespace {

constexpr size_t kNameBytesMax = 200;
constexpr std::chrono::milliseconds kReadWait{100};
/// So many waits in a row without a record, and the broker has stopped to answer.
constexpr int kIdleReadsMax = 600;

base::Result<void> check_name(const std::string& name) {
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (is_plain && !name.empty() && name.size() <= kNameBytesMax) return {};
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + name + "' is no name of a poller",
                    "a topic is called after it",
                    "give --name letters, digits, '.', '_' and '-', at most 200");
}

/// The newest value of each key; a key without one is left out.
base::Result<std::map<std::string, std::string>> read_compacted(const Target& target,
                                                                const std::string& topic) {
  TICKLAKE_ASSIGN(const auto admin,
                  kafka::Admin::start(target.brokers, target.connect_timeout, target.settings));
  TICKLAKE_ASSIGN(
      const auto reader,
      kafka::RecordReader::start(
          {.brokers = target.brokers, .settings = target.settings, .topic = topic}, *admin));
  std::map<std::string, std::string> records;
  for (int idle = 0; idle < kIdleReadsMax;) {
    TICKLAKE_ASSIGN(const auto record, reader->next(kReadWait));
    if (!record) {
      if (reader->is_at_end()) return records;
      ++idle;
      continue;
    }
    idle = 0;
    if (!record->key) continue;
    const std::string key(*record->key);
    if (record->value) records[key] = *record->value;
    if (!record->value) records.erase(key);
  }
  return base::fail(base::ErrorCode::kTimeout, "read topic '" + topic + "'",
                    "the broker stopped answering");
}

}  // namespace

std::string PollStore::state_topic_of(const std::string& name) { return "__ticklake.poll." + name; }

base::Result<std::unique_ptr<PollStore>> PollStore::start(const Target& target,
                                                          const std::string& name,
                                                          size_t remembered_max,
                                                          base::Logger& logger) {
  TICKLAKE_TRY(check_name(name));
  TICKLAKE_TRY(prepare_topic(target));
  TICKLAKE_ASSIGN(const auto admin,
                  kafka::Admin::start(target.brokers, target.connect_timeout, target.settings));
  TICKLAKE_TRY(admin->ensure_topic(
      {.name = state_topic_of(name),
       .partitions = 1,
       .configs = {{"cleanup.policy", "compact"}, {"segment.bytes", "16777216"}}}));
  std::unique_ptr<PollStore> store(new PollStore(name, remembered_max, logger));
  const auto on_long_wait = [started = store.get()](const std::string& why) {
    if (!started->has_waited_) started->logger_.warn("waits for Kafka: {}", why);
    started->has_waited_ = true;
  };
  // The name is taken over first: after that nobody else changes what is read.
  TICKLAKE_ASSIGN(store->producer_,
                  kafka::TransactionalProducer::start({.brokers = target.brokers,
                                                       .client_id = "ticklake-feed",
                                                       .transactional_id = "ticklake.poll." + name,
                                                       .settings = target.settings,
                                                       .on_long_wait = on_long_wait}));
  TICKLAKE_TRY(store->load(target));
  return store;
}

base::Result<void> PollStore::load(const Target& target) {
  const std::string topic = state_topic_of(name_);
  TICKLAKE_ASSIGN(auto records, read_compacted(target, topic));
  const auto corrupt = [&](std::string cause) {
    return base::fail(base::ErrorCode::kCorrupt,
                      "the state of the poller '" + name_ + "' does not read back",
                      std::move(cause),
                      "give another --name, or `ticklake topic delete " + topic +
                          "`: either "
                          "sends again what the API still answers with");
  };
  const auto position = records.extract(std::string(kPositionKey));
  if (position.empty()) {
    if (!records.empty()) return corrupt("its position is missing in topic " + topic);
    return {};
  }
  auto read = position_from_json(position.mapped());
  if (!read) return corrupt("its position in topic " + topic + " is of another form");
  position_ = std::move(read->first);
  if (const auto loaded = seen_.load(records, read->second); !loaded)
    return corrupt(base::to_line(loaded.error()));
  return {};
}

base::Result<void> PollStore::commit(std::span<const kafka::OutgoingRecord> records,
                                     const std::stop_token& stop) {
  auto committed = producer_->commit(records, stop);
  if (committed && has_waited_) {
    logger_.info("Kafka answers again");
    has_waited_ = false;
  }
  if (committed || committed.error().code != base::ErrorCode::kFenced) return committed;
  return base::fail({.code = base::ErrorCode::kFenced,
                     .what = "another poller with the name '" + name_ + "' has taken over",
                     .cause = "of those that share a name, only the newest goes on",
                     .advice = "give each poller a --name of its own",
                     .retriable = false});
}

}  // namespace ticklake::feed
