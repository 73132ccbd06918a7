#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/assert.h"
#include "base/temporary_folder.h"
#include "broker/broker.h"
#include "broker/broker_configs.h"
#include "broker/coordinator_topic.h"
#include "broker/log/log_test_bed.h"
#include "broker/log_topics.h"
#include "broker/partition_markers.h"

namespace ticklake::broker {

/// A broker without its network, on a real disk, that can be stopped or crash, and start again.
class BrokerTestBed {
 public:
  BrokerTestBed() { start(); }
  explicit BrokerTestBed(NodeOptions node_options) : options(std::move(node_options)) { start(); }

  void start() {
    auto opened = LogFolder::open(files, folder.path() / "broker",
                                  {options.topic_defaults, options.producer_expiration.count()},
                                  random_, *logger_);
    TICKLAKE_ASSERT(opened.has_value());
    logs = std::move(*opened);
    const auto post = [](const std::function<void()>& run) { run(); };
    topics_ = std::make_unique<LogTopics>(*logs);
    offsets_ = std::make_unique<CoordinatorTopic>(kOffsetsTopic, *logs, clock, *logger_, post);
    states_ = std::make_unique<CoordinatorTopic>(kTransactionsTopic, *logs, clock, *logger_, post);
    markers_ = std::make_unique<PartitionMarkers>(clock, *logger_);
    groups_ = std::make_unique<GroupCoordinator>(options.groups, clock, base::Random{2}, *offsets_,
                                                 *topics_, logger_);
    producer_ids_ = std::make_unique<ProducerIds>(files, folder.path() / "producer-ids");
    transactions_ = std::make_unique<TxnCoordinator>(
        options.transactions, logs->leader_epoch(), clock, *states_, *markers_,
        [this] { return producer_ids_->next(); }, logger_);
    broker = std::make_unique<Broker>(options.broker, *logs, *producer_ids_, *groups_,
                                      *transactions_, clock, *logger_);
    options.folder = folder.path() / "broker";
    broker->set_configs(configs_of(options));
    offsets_->attach(*broker);
    states_->attach(*broker);
    markers_->attach(*broker);
    TICKLAKE_ASSERT(groups_->recover().has_value());
  }
  void crash() {
    broker.reset();
    transactions_.reset();
    groups_.reset();
    markers_.reset();
    states_.reset();
    offsets_.reset();
    topics_.reset();
    logs.reset();
  }
  void restart() {
    TICKLAKE_ASSERT(logs->close().has_value());
    crash();
    start();
  }

  void make_topic(const std::string& name, int32_t partitions = 1, TopicConfigs configs = {}) {
    TICKLAKE_ASSERT(broker->create_topic(name, partitions, std::move(configs)).has_value());
  }
  PartitionState& partition(std::string_view topic, int32_t index = 0) {
    PartitionState* const found = broker->find_partition(topic, index);
    TICKLAKE_ASSERT(found);
    return *found;
  }
  PartitionLog& log(std::string_view topic, int32_t index = 0) {
    return *partition(topic, index).log;
  }
  /// Appends a batch that readers see at once; its base offset.
  int64_t append(std::string_view topic, const BatchSpec& spec) {
    base::Bytes batch = make_batch(spec);
    const auto header = check_batch(batch, 1 << 24);
    TICKLAKE_ASSERT(header.has_value());
    const auto appended = log(topic).append(batch, *header, base::to_unix_ms(clock.wall_now()));
    TICKLAKE_ASSERT(appended.has_value());
    broker->publish(partition(topic));
    return appended->base_offset;
  }
  /// What the event loop does with its storage thread.
  void sync() {
    broker->sync_everything();
    for (const Broker::SyncJob& job : broker->take_sync_jobs())
      broker->sync_done(job.log, job.work.end_offset, job.work.run(files));
  }
  int64_t now_ms() const { return base::to_unix_ms(clock.wall_now()); }

  NodeOptions options;
  const base::TemporaryFolder folder;
  base::PosixFileSystem files;
  base::ManualClock clock;
  std::unique_ptr<LogFolder> logs;
  std::unique_ptr<Broker> broker;

 private:
  base::Random random_{1};
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<LogTopics> topics_;
  std::unique_ptr<CoordinatorTopic> offsets_;
  std::unique_ptr<CoordinatorTopic> states_;
  std::unique_ptr<PartitionMarkers> markers_;
  std::unique_ptr<GroupCoordinator> groups_;
  std::unique_ptr<TxnCoordinator> transactions_;
  std::unique_ptr<ProducerIds> producer_ids_;
};

}  // namespace ticklake::broker
