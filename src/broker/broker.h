#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/client_quotas.h"
#include "broker/config_value.h"
#include "broker/fetch_sessions.h"
#include "broker/group/group_coordinator.h"
#include "broker/log/log_folder.h"
#include "broker/producer_ids.h"
#include "broker/request_context.h"
#include "broker/security/credential_store.h"
#include "broker/txn/txn_coordinator.h"
#include "kafka/messages/fetch.h"

namespace ticklake::broker {

/// The id of the only node.
inline constexpr int32_t kNodeId = 1;
inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
inline constexpr std::string_view kTransactionsTopic = "__transaction_state";

/// The coordinators' own topics, which clients read at most.
inline bool is_internal_topic(std::string_view name) {
  return name == kOffsetsTopic || name == kTransactionsTopic;
}
inline constexpr int32_t kPartitionsMax = 10'000;  ///< of one topic

struct BrokerSettings {
  bool auto_create_topics = true;
  bool deletes_topics = true;  ///< Kafka's delete.topic.enable
  int32_t default_partitions = 1;
  size_t fetch_bytes_max = 64u << 20;  ///< of one response, whatever the client asks for
  std::chrono::milliseconds fetch_wait_max{std::chrono::minutes{1}};
  FetchSessions::Limits fetch_sessions = {};
  int32_t partitions_per_answer = 2000;  ///< Kafka's max.request.partition.size.limit
  QuotaWindow quota_window = {};
};

/// What of a partition lives only in memory: how far readers may see, and who waits for what.
struct PartitionState {
  PartitionLog* log = nullptr;
  int64_t high_watermark = 0;
  /// What read_committed readers may see; follows the high watermark.
  int64_t last_stable_offset = 0;
  bool is_syncing = false;
  bool is_refusing = false;     ///< the disk took nothing the last time; said once, not each time
  int64_t corrupt_offset = -1;  ///< where a reader last met a corrupt batch; said once, too
  struct WaitingAck {
    int64_t next_offset;
    std::function<void(kafka::ErrorCode)> done;
  };
  std::deque<WaitingAck> waiting_acks;  ///< by rising offset
  std::set<uint64_t> waiting_fetches;
};

/// How many topics and partitions all fetches that wait may name in sum.
inline constexpr size_t kWaitingNamedMax = 500'000;

/// A Fetch that waits for more bytes.
struct WaitingFetch {
  kafka::FetchRequest request;
  FetchSessions::Use session;
  Reply reply;
  base::MonotonicTime deadline;
  std::vector<PartitionLog*> partitions;
};

/// The state of the broker, which belongs to its event loop: handlers change it, the loop calls
/// the parts below "for the event loop". Without I/O of its own but for the logs.
class Broker {
 public:
  Broker(BrokerSettings settings, LogFolder& logs, ProducerIds& producer_ids,
         GroupCoordinator& groups, TxnCoordinator& transactions, const base::Clock& clock,
         base::Logger& logger);
  ~Broker();

  const BrokerSettings& settings() const { return settings_; }
  LogFolder& logs() { return logs_; }
  const LogFolder& logs() const { return logs_; }
  ProducerIds& producer_ids() { return producer_ids_; }
  GroupCoordinator& groups() { return groups_; }
  TxnCoordinator& transactions() { return transactions_; }
  FetchSessions& fetch_sessions() { return fetch_sessions_; }
  CredentialStore& credentials() { return credentials_; }
  ClientQuotas& quotas() { return quotas_; }
  /// What the broker tells of itself under Kafka's names, by name.
  const std::vector<ConfigValue>& configs() const { return configs_; }
  void set_configs(std::vector<ConfigValue> configs) { configs_ = std::move(configs); }
  const GroupCoordinator& groups() const { return groups_; }
  const base::Clock& clock() const { return clock_; }
  base::Logger& logger() { return logger_; }

  /// The partition, or null if there is none.
  PartitionState* find_partition(std::string_view topic, int32_t partition);
  base::Result<Topic*> create_topic(std::string name, int32_t partitions,
                                    std::map<std::string, std::string> configs);
  base::Result<void> delete_topic(std::string_view name);
  /// Until there are `count` of them, which is more than there are.
  base::Result<void> add_partitions(std::string_view topic, int32_t count);
  /// Replaces all of a topic's configs; see LogFolder::set_configs. Retention is looked at soon.
  base::Result<void> set_configs(std::string_view topic, TopicConfigs configs);
  /// DeleteRecords of what stands before `offset`, which readers can reach; durable when it
  /// returns.
  base::Result<void> delete_records(PartitionState& partition, int64_t offset);

  using Acknowledged = std::function<void(kafka::ErrorCode)>;
  /// After an append that is to be answered from the page cache: readers see it at once.
  void publish(PartitionState& partition);
  /// Calls `done` when everything below `next_offset` is on disk; readers see it then.
  void publish_when_durable(PartitionState& partition, int64_t next_offset, Acknowledged done);

  /// False if those that wait are so many that this one is better answered with what there is.
  bool may_wait(const kafka::FetchRequest& request) const;
  /// Keeps a fetch until one of its partitions has more to read, or its deadline.
  void wait_for_data(WaitingFetch fetch);

  // For the event loop:

  struct SyncJob {
    PartitionLog* log;
    PartitionLog::SyncWork work;
  };
  /// Partitions whose appends wait for the disk, each at most once at a time.
  std::vector<SyncJob> take_sync_jobs();
  void sync_done(PartitionLog* log, int64_t end_offset, const base::Result<void>& outcome);
  /// Lets what was acknowledged from the page cache reach the disk too, in its own time.
  void sync_everything();
  /// Likewise where a topic's flush.messages or flush.ms is due.
  void sync_flush_due();
  /// Whether something changed since the last call that retention should look at.
  bool take_retention_request() { return std::exchange(is_retention_due_, false); }
  /// The earliest deadline of a waiting fetch.
  std::optional<base::MonotonicTime> next_deadline() const;
  void run_due();

  uint64_t records_in = 0;
  uint64_t bytes_in = 0;

 private:
  static void raise(PartitionState& partition, int64_t high_watermark);
  void advance(PartitionState& partition, int64_t high_watermark);
  void wake_fetches(PartitionState& partition);
  void retry_fetch(uint64_t id, bool is_last_time);
  void forget(PartitionLog* log);

  BrokerSettings settings_;
  LogFolder& logs_;
  ProducerIds& producer_ids_;
  GroupCoordinator& groups_;
  TxnCoordinator& transactions_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::unordered_map<PartitionLog*, PartitionState> partitions_;
  /// By name, so that a simulation syncs in the same order each time.
  struct ByName {
    bool operator()(const PartitionLog* a, const PartitionLog* b) const {
      return a->name() < b->name();
    }
  };
  std::set<PartitionLog*, ByName> to_sync_;
  bool is_retention_due_ = false;
  FetchSessions fetch_sessions_;
  CredentialStore credentials_;
  ClientQuotas quotas_;
  std::vector<ConfigValue> configs_;
  uint64_t next_fetch_id_ = 0;
  std::map<uint64_t, WaitingFetch> fetches_;
  size_t waiting_named_ = 0;
  std::set<std::pair<base::MonotonicTime, uint64_t>> fetch_deadlines_;
};

}  // namespace ticklake::broker
