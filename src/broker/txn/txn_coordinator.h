#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "broker/coordinator_log.h"
#include "broker/txn/marker_writer.h"
#include "broker/txn/transaction.h"
#include "kafka/error_code.h"
#include "kafka/messages/describe_transactions.h"
#include "kafka/messages/init_producer_id.h"
#include "kafka/messages/list_transactions.h"

namespace ticklake::broker {

struct TxnSettings {
  std::chrono::milliseconds timeout_max{std::chrono::minutes{15}};  ///< transaction.max.timeout.ms
  /// transactional.id.expiration.ms
  std::chrono::milliseconds id_expiration{std::chrono::hours{7 * 24}};
  /// transaction.remove.expired.transaction.cleanup.interval.ms
  std::chrono::milliseconds id_expiration_check{std::chrono::hours{1}};
  std::chrono::milliseconds marker_retry{std::chrono::seconds{1}};
};

/// Transactions (KIP-98, with the epochs of KIP-360) as Kafka 3.9 does them below KIP-890's second
/// form, for a broker that coordinates every transactional id. Each step is in the log before it is
/// answered: once Prepare… is there, the outcome is decided, and markers are written until every
/// partition has one, over restarts. Errors are those of the newest version of each API. Belongs to
/// one thread.
///
/// Time: whoever owns it calls run_due() at or soon after next_deadline(), which may change with
/// every other call.
class TxnCoordinator {
 public:
  using InitReply = std::function<void(kafka::InitProducerIdResponse)>;
  using Reply = std::function<void(kafka::ErrorCode)>;
  using NewProducerId = std::function<base::Result<int64_t>()>;

  /// `epoch` must rise with every start of the broker; it fences the markers of earlier ones.
  /// `clock`, `log` and `markers` must outlive it.
  TxnCoordinator(TxnSettings settings, int32_t epoch, const base::Clock& clock, CoordinatorLog& log,
                 MarkerWriter& markers, NewProducerId new_producer_id,
                 std::shared_ptr<base::Logger> logger);

  /// Restores all transactional ids from the log and goes on with the transactions that were
  /// decided. Once, before anything else. A record that cannot be read is logged and passed over.
  base::Result<void> recover();

  /// The request has a transactional id. Fences its former producer and aborts what that left
  /// open: meanwhile the answer is CONCURRENT_TRANSACTIONS, and the client asks again.
  void init_producer_id(const kafka::InitProducerIdRequest& request, InitReply reply);
  /// Begins the transaction if none is open. Answered when it is durable.
  void add_partitions(const std::string& transactional_id, ProducerIdAndEpoch producer,
                      const std::set<TopicPartition>& partitions, Reply reply);
  /// Answered when every partition has its durable marker, so that read_committed readers see a
  /// commit that was answered (Kafka answers when it is decided, and the next transaction waits);
  /// or when it is decided and some partition cannot take the marker now.
  void end(const std::string& transactional_id, ProducerIdAndEpoch producer, bool is_commit,
           Reply reply);

  /// Whether that producer may write to the partition now.
  kafka::ErrorCode check_partition(std::string_view transactional_id, ProducerIdAndEpoch producer,
                                   const TopicPartition& partition) const;

  kafka::DescribeTransactionsResponse::Transaction describe(
      const std::string& transactional_id) const;
  kafka::ListTransactionsResponse list(const kafka::ListTransactionsRequest& request) const;

  std::optional<base::MonotonicTime> next_deadline() const;
  void run_due();

  /// Null if there is none; valid until the next call.
  const TxnMetadata* find(std::string_view transactional_id) const;

 private:
  struct Transaction {
    TxnMetadata metadata;
    bool is_storing = false;  ///< its next state is on the way to the log
    bool is_writing_markers = false;
    bool is_retrying_markers = false;
    /// When it times out, or its markers are tried again.
    std::optional<base::MonotonicTime> due;
    Reply awaiting_end;
  };
  using Transactions = std::map<std::string, Transaction, std::less<>>;

  kafka::ErrorCode check_owner(const Transaction* transaction, ProducerIdAndEpoch producer) const;
  base::Result<TxnMetadata> next_producer(const TxnMetadata& now,
                                          const kafka::InitProducerIdRequest& request);
  void store(const std::string& transactional_id, TxnMetadata next, Reply done);
  void fence_and_abort(const std::string& transactional_id, Reply reply);
  void decide(const std::string& transactional_id, TxnMetadata next, Reply reply);
  void write_markers(const std::string& transactional_id);
  void markers_written(const std::string& transactional_id, std::vector<TopicPartition> left);
  void set_due(const std::string& transactional_id, Transaction& transaction,
               std::optional<base::MonotonicTime> due);
  void run_due_one(const std::string& transactional_id);
  void expire_ids();
  base::Result<void> replay(base::ByteView key, std::optional<base::ByteView> value);
  int64_t now_ms() const { return base::to_unix_ms(clock_.wall_now()); }

  TxnSettings settings_;
  int32_t epoch_;
  const base::Clock& clock_;
  CoordinatorLog& log_;
  MarkerWriter& markers_;
  NewProducerId new_producer_id_;
  std::shared_ptr<base::Logger> logger_;
  Transactions transactions_;
  std::set<std::pair<base::MonotonicTime, std::string>> dues_;
  base::MonotonicTime id_expiration_check_at_;
};

}  // namespace ticklake::broker
