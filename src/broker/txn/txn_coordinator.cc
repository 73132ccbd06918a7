#include "broker/txn/txn_coordinator.h"

#include <algorithm>

#include "base/assert.h"
#include "broker/txn/txn_records.h"

namespace ticklake::broker {

using kafka::ErrorCode;

TxnCoordinator::TxnCoordinator(TxnSettings settings, int32_t epoch, const base::Clock& clock,
                               CoordinatorLog& log, MarkerWriter& markers,
                               NewProducerId new_producer_id, std::shared_ptr<base::Logger> logger)
    : settings_(settings),
      epoch_(epoch),
      clock_(clock),
      log_(log),
      markers_(markers),
      new_producer_id_(std::move(new_producer_id)),
      logger_(std::move(logger)),
      id_expiration_check_at_(clock.monotonic_now() + settings.id_expiration_check) {}

ErrorCode TxnCoordinator::check_owner(const Transaction* transaction,
                                      ProducerIdAndEpoch producer) const {
  if (!transaction || transaction->metadata.producer_id != producer.id) {
    return ErrorCode::kInvalidProducerIdMapping;
  }
  return transaction->metadata.producer_epoch == producer.epoch ? ErrorCode::kNone
                                                                : ErrorCode::kProducerFenced;
}

void TxnCoordinator::add_partitions(const std::string& transactional_id,
                                    ProducerIdAndEpoch producer,
                                    const std::set<TopicPartition>& partitions, Reply reply) {
  if (transactional_id.empty()) return reply(ErrorCode::kInvalidRequest);
  const auto found = transactions_.find(transactional_id);
  const Transaction* const transaction = found == transactions_.end() ? nullptr : &found->second;
  const ErrorCode error = check_owner(transaction, producer);
  if (error != ErrorCode::kNone) return reply(error);
  const TxnMetadata& now = transaction->metadata;
  if (transaction->is_storing || now.is_prepared()) {
    return reply(ErrorCode::kConcurrentTransactions);
  }
  const bool is_open = now.state == TxnState::kOngoing;
  if (is_open && std::ranges::includes(now.partitions, partitions)) return reply(ErrorCode::kNone);
  TxnMetadata next = now;
  next.state = TxnState::kOngoing;
  next.partitions.insert(partitions.begin(), partitions.end());
  next.update_ms = now_ms();
  if (!is_open) next.start_ms = next.update_ms;
  store(transactional_id, std::move(next), std::move(reply));
}

void TxnCoordinator::end(const std::string& transactional_id, ProducerIdAndEpoch producer,
                         bool is_commit, Reply reply) {
  if (transactional_id.empty()) return reply(ErrorCode::kInvalidRequest);
  const auto found = transactions_.find(transactional_id);
  const Transaction* const transaction = found == transactions_.end() ? nullptr : &found->second;
  const ErrorCode error = check_owner(transaction, producer);
  if (error != ErrorCode::kNone) return reply(error);
  if (transaction->is_storing) return reply(ErrorCode::kConcurrentTransactions);
  TxnMetadata next = transaction->metadata;
  const auto same = [&](TxnState commit, TxnState abort, ErrorCode answer) {
    reply(next.state == (is_commit ? commit : abort) ? answer : ErrorCode::kInvalidTxnState);
  };
  switch (next.state) {
    case TxnState::kOngoing: break;
    case TxnState::kCompleteCommit:
    case TxnState::kCompleteAbort:
      // Asked again, because the answer was lost.
      return same(TxnState::kCompleteCommit, TxnState::kCompleteAbort, ErrorCode::kNone);
    case TxnState::kPrepareCommit:
    case TxnState::kPrepareAbort:
      return same(TxnState::kPrepareCommit, TxnState::kPrepareAbort,
                  ErrorCode::kConcurrentTransactions);
    default: return reply(ErrorCode::kInvalidTxnState);
  }
  next.state = is_commit ? TxnState::kPrepareCommit : TxnState::kPrepareAbort;
  decide(transactional_id, std::move(next), std::move(reply));
}

void TxnCoordinator::fence_and_abort(const std::string& transactional_id, Reply reply) {
  TxnMetadata next = transactions_.find(transactional_id)->second.metadata;
  // This epoch goes to no producer: it only makes the old one's requests fail.
  ++next.producer_epoch;
  next.last_producer_epoch = TxnMetadata::kNoEpoch;
  next.state = TxnState::kPrepareAbort;
  decide(transactional_id, std::move(next), std::move(reply));
}

void TxnCoordinator::decide(const std::string& transactional_id, TxnMetadata next, Reply reply) {
  next.update_ms = now_ms();
  store(transactional_id, std::move(next),
        [this, transactional_id, reply = std::move(reply)](ErrorCode error) {
          if (error != ErrorCode::kNone) return reply(error);
          transactions_.find(transactional_id)->second.awaiting_end = reply;
          write_markers(transactional_id);
        });
}

void TxnCoordinator::store(const std::string& transactional_id, TxnMetadata next, Reply done) {
  Transaction& transaction = transactions_.find(transactional_id)->second;
  TICKLAKE_ASSERT(!transaction.is_storing);
  transaction.is_storing = true;
  std::vector<CoordinatorRecord> records{txn_record(transactional_id, next)};
  log_.append(std::move(records), [this, transactional_id, next = std::move(next),
                                   done = std::move(done)](const base::Result<void>& result) {
    Transaction& stored = transactions_.find(transactional_id)->second;
    stored.is_storing = false;
    if (!result) {
      logger_->error("transactional id {} cannot be kept: {}", transactional_id,
                     base::to_line(result.error()));
      return done(ErrorCode::kCoordinatorNotAvailable);
    }
    const bool has_begun =
        next.state == TxnState::kOngoing && stored.metadata.state != TxnState::kOngoing;
    stored.metadata = next;
    if (has_begun) {
      set_due(transactional_id, stored,
              clock_.monotonic_now() + std::chrono::milliseconds(next.timeout_ms));
    } else if (next.state != TxnState::kOngoing) {
      set_due(transactional_id, stored, std::nullopt);
    }
    done(ErrorCode::kNone);
  });
}

void TxnCoordinator::write_markers(const std::string& transactional_id) {
  Transaction& transaction = transactions_.find(transactional_id)->second;
  const TxnMetadata& now = transaction.metadata;
  TICKLAKE_ASSERT(now.is_prepared() && !transaction.is_writing_markers);
  transaction.is_writing_markers = true;
  set_due(transactional_id, transaction, std::nullopt);
  const EndMarker marker{now.state == TxnState::kPrepareCommit, epoch_};
  const std::vector<TopicPartition> partitions(now.partitions.begin(), now.partitions.end());
  markers_.write({now.producer_id, now.producer_epoch}, marker, partitions,
                 [this, transactional_id](std::vector<TopicPartition> left) {
                   markers_written(transactional_id, std::move(left));
                 });
}

void TxnCoordinator::markers_written(const std::string& transactional_id,
                                     std::vector<TopicPartition> left) {
  Transaction& transaction = transactions_.find(transactional_id)->second;
  TxnMetadata& now = transaction.metadata;
  transaction.is_writing_markers = false;
  const Reply reply = std::exchange(transaction.awaiting_end, nullptr);
  now.partitions = {left.begin(), left.end()};
  const bool was_retrying = std::exchange(transaction.is_retrying_markers, !left.empty());
  if (!left.empty()) {
    if (!was_retrying) {
      logger_->warn("transactional id {}: {} partitions take no marker now; trying again",
                    transactional_id, left.size());
    }
    set_due(transactional_id, transaction, clock_.monotonic_now() + settings_.marker_retry);
  } else {
    now.state = now.state == TxnState::kPrepareCommit ? TxnState::kCompleteCommit
                                                      : TxnState::kCompleteAbort;
    now.update_ms = now_ms();
    // Nobody waits for this one: should it be lost, the same markers are written once more. What
    // the producer does next stands behind it in the log.
    log_.append({txn_record(transactional_id, now)}, [logger = logger_, transactional_id](
                                                         const base::Result<void>& result) {
      if (result) return;
      logger->warn("transactional id {}: {}", transactional_id, base::to_line(result.error()));
    });
  }
  if (reply) reply(ErrorCode::kNone);
}

ErrorCode TxnCoordinator::check_partition(std::string_view transactional_id,
                                          ProducerIdAndEpoch producer,
                                          const TopicPartition& partition) const {
  const auto found = transactions_.find(transactional_id);
  const Transaction* const transaction = found == transactions_.end() ? nullptr : &found->second;
  const ErrorCode error = check_owner(transaction, producer);
  if (error != ErrorCode::kNone) return error;
  const TxnMetadata& now = transaction->metadata;
  if (now.is_prepared()) return ErrorCode::kConcurrentTransactions;
  const bool is_added = now.state == TxnState::kOngoing && now.partitions.contains(partition);
  return is_added ? ErrorCode::kNone : ErrorCode::kInvalidTxnState;
}

void TxnCoordinator::set_due(const std::string& transactional_id, Transaction& transaction,
                             std::optional<base::MonotonicTime> due) {
  if (transaction.due) dues_.erase({*transaction.due, transactional_id});
  transaction.due = due;
  if (due) dues_.emplace(*due, transactional_id);
}

std::optional<base::MonotonicTime> TxnCoordinator::next_deadline() const {
  if (transactions_.empty()) return std::nullopt;
  if (dues_.empty()) return id_expiration_check_at_;
  return std::min(dues_.begin()->first, id_expiration_check_at_);
}

void TxnCoordinator::run_due() {
  const base::MonotonicTime now = clock_.monotonic_now();
  while (!dues_.empty() && dues_.begin()->first <= now) {
    const std::string transactional_id = dues_.begin()->second;
    run_due_one(transactional_id);
  }
  if (id_expiration_check_at_ <= now) {
    id_expiration_check_at_ = now + settings_.id_expiration_check;
    expire_ids();
  }
}

void TxnCoordinator::run_due_one(const std::string& transactional_id) {
  Transaction& transaction = transactions_.find(transactional_id)->second;
  // Should it fail, or be under way, it is looked at again.
  set_due(transactional_id, transaction, clock_.monotonic_now() + settings_.marker_retry);
  if (transaction.is_storing) return;
  if (transaction.metadata.is_prepared()) return write_markers(transactional_id);
  TICKLAKE_ASSERT(transaction.metadata.state == TxnState::kOngoing);
  logger_->info("transactional id {}: its transaction timed out after {} ms and is aborted",
                transactional_id, transaction.metadata.timeout_ms);
  fence_and_abort(transactional_id, [](ErrorCode) {});
}

void TxnCoordinator::expire_ids() {
  const int64_t oldest_ms = base::to_unix_ms(clock_.wall_now() - settings_.id_expiration);
  for (auto& [transactional_id, transaction] : transactions_) {
    const TxnMetadata& now = transaction.metadata;
    const bool is_idle = now.state != TxnState::kOngoing && !now.is_prepared();
    if (!is_idle || transaction.is_storing || now.update_ms > oldest_ms) continue;
    transaction.is_storing = true;
    log_.append({txn_tombstone(transactional_id)},
                [this, id = transactional_id](const base::Result<void>& result) {
                  const auto expired = transactions_.find(id);
                  expired->second.is_storing = false;
                  if (!result) return;
                  logger_->info("transactional id {}: removed, for it was not used", id);
                  transactions_.erase(expired);
                });
  }
}

const TxnMetadata* TxnCoordinator::find(std::string_view transactional_id) const {
  const auto found = transactions_.find(transactional_id);
  return found == transactions_.end() ? nullptr : &found->second.metadata;
}

base::Result<void> TxnCoordinator::recover() {
  CoordinatorLog::Visitor visitor;
  visitor.record = [this](base::ByteView key, std::optional<base::ByteView> value, int64_t) {
    const auto result = replay(key, value);
    if (!result) logger_->warn("passing over a record: {}", base::to_line(result.error()));
  };
  TICKLAKE_TRY(log_.replay(visitor));
  const base::MonotonicTime now = clock_.monotonic_now();
  std::vector<std::string> decided;
  for (auto& [transactional_id, transaction] : transactions_) {
    const TxnMetadata& metadata = transaction.metadata;
    if (metadata.state == TxnState::kOngoing) {
      // What is left of its time, and never more than it asked for, whatever the wall clock did.
      const auto left = std::clamp<int64_t>(metadata.start_ms + metadata.timeout_ms - now_ms(), 0,
                                            std::max(metadata.timeout_ms, 0));
      set_due(transactional_id, transaction, now + std::chrono::milliseconds(left));
    } else if (metadata.is_prepared()) {
      decided.push_back(transactional_id);
    }
  }
  for (const std::string& transactional_id : decided) {
    logger_->info("transactional id {}: going on with {}", transactional_id,
                  name_of(find(transactional_id)->state));
    write_markers(transactional_id);
  }
  return {};
}

base::Result<void> TxnCoordinator::replay(base::ByteView key, std::optional<base::ByteView> value) {
  TICKLAKE_ASSIGN(const std::optional<std::string> transactional_id, parse_txn_key(key));
  if (!transactional_id) return {};
  if (!value) {
    transactions_.erase(*transactional_id);
    return {};
  }
  TICKLAKE_ASSIGN(TxnMetadata metadata, parse_txn_value(*value));
  transactions_[*transactional_id].metadata = std::move(metadata);
  return {};
}

}  // namespace ticklake::broker
