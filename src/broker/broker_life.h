#pragma once

#include <memory>

#include "base/assert.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "broker/broker.h"
#include "broker/coordinator_topic.h"
#include "broker/log_topics.h"
#include "broker/partition_markers.h"

namespace ticklake::broker {

/// A broker on a real disk, from its start to its end or its crash.
class BrokerLife {
 public:
  explicit BrokerLife(const base::Path& folder) {
    auto opened = LogFolder::open(files_, folder, {}, random_, *logger_);
    TICKLAKE_ASSERT(opened.has_value());
    logs_ = std::move(*opened);
    const auto post = [](const std::function<void()>& run) { run(); };
    topics_ = std::make_unique<LogTopics>(*logs_);
    offsets_ = std::make_unique<CoordinatorTopic>(kOffsetsTopic, *logs_, clock_, *logger_, post);
    states_ =
        std::make_unique<CoordinatorTopic>(kTransactionsTopic, *logs_, clock_, *logger_, post);
    markers_ = std::make_unique<PartitionMarkers>(clock_, *logger_);
    groups_ = std::make_unique<GroupCoordinator>(GroupSettings{}, clock_, base::Random{2},
                                                 *offsets_, *topics_, logger_);
    producer_ids_ = std::make_unique<ProducerIds>(files_, folder / "producer-ids");
    transactions_ = std::make_unique<TxnCoordinator>(
        TxnSettings{}, logs_->leader_epoch(), clock_, *states_, *markers_,
        [this] { return producer_ids_->next(); }, logger_);
    broker_ = std::make_unique<Broker>(BrokerSettings{}, *logs_, *producer_ids_, *groups_,
                                       *transactions_, clock_, *logger_);
    offsets_->attach(*broker_);
    states_->attach(*broker_);
    markers_->attach(*broker_);
    TICKLAKE_ASSERT(groups_->recover().has_value());
    TICKLAKE_ASSERT(transactions_->recover().has_value());
  }

  /// One round of what the event loop does with its storage thread; whether there was any.
  bool sync() {
    auto jobs = broker_->take_sync_jobs();
    for (const Broker::SyncJob& job : jobs)
      broker_->sync_done(job.log, job.work.end_offset, job.work.run(files_));
    return !jobs.empty();
  }
  Broker& broker() { return *broker_; }
  base::ManualClock& clock() { return clock_; }
  void close() { TICKLAKE_ASSERT(logs_->close().has_value()); }

 private:
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  base::Random random_{1};
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<LogFolder> logs_;
  std::unique_ptr<LogTopics> topics_;
  std::unique_ptr<CoordinatorTopic> offsets_;
  std::unique_ptr<CoordinatorTopic> states_;
  std::unique_ptr<PartitionMarkers> markers_;
  std::unique_ptr<GroupCoordinator> groups_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<TxnCoordinator> transactions_;
  std::unique_ptr<Broker> broker_;
};

}  // namespace ticklake::broker
