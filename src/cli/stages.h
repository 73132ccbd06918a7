#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/log.h"
#include "broker/server.h"
#include "cli/aws_stage.h"
#include "cli/catalog_stage.h"
#include "cli/external_kafka.h"
#include "cli/http_flags.h"
#include "cli/message_flags.h"
#include "cli/query_limits.h"
#include "cli/shipped_feed.h"
#include "gateway/server.h"
#include "gateway/tick_stream.h"
#include "lake/boundary.h"
#include "lake/local_object_store.h"
#include "query/query_engine.h"
#include "sink/sink.h"
#include "table/database.h"

namespace ticklake::cli {

struct StagesOptions {
  base::Path data;
  broker::ServerOptions broker;               ///< all but its folder
  std::optional<ExternalKafkaOptions> kafka;  ///< instead of a broker of our own
  HttpListener http_listener;
  std::optional<http::Listener> aws_listener;
  sink::FlushPolicy flush;
  lake::Encoding encoding = lake::Encoding::kParquet;
  ShippedFeedOptions feed;
  QueryLimits query;
  MessageOptions messages;
  std::string program = "ticklake";  ///< as it was called
};

/// Every stage of `ticklake up` in one process, each on its own thread: they meet over Kafka's
/// protocol and in the database, as separate processes would.
class Stages {
 public:
  /// Binds all ports and opens the data folder; what cannot work is an error here.
  static base::Result<std::unique_ptr<Stages>> start(StagesOptions options, base::FileSystem& files,
                                                     const base::Clock& clock,
                                                     std::shared_ptr<base::Logger> logger);
  ~Stages();

  /// None where there is no broker of our own.
  const ExternalKafka* external_kafka() const { return external_.get(); }
  /// Of our own broker.
  base::Endpoint kafka_address() const { return broker_->listeners().front().address; }
  /// Of the page, as clients on this machine write it.
  std::string http_url() const;
  /// Null where AWS clients are not served.
  const AwsStage* aws() const { return aws_.get(); }

  /// Runs until `stop`, or until a stage that others need has failed. Stops them in the order in
  /// which the data flows, so that the lake has all that was acknowledged when it returns.
  base::Result<void> run(const std::stop_token& stop);

 private:
  Stages(StagesOptions options, base::FileSystem& files, const base::Clock& clock,
         std::shared_ptr<base::Logger> logger);
  base::Result<void> open();
  base::Result<sink::SinkOptions> open_kafka();
  base::Result<void> open_aws();
  void run_stage(std::jthread& thread, const char* name,
                 std::function<base::Result<void>(std::stop_token)> stage);
  gateway::Options gateway_options();
  nlohmann::json status() const;

  const StagesOptions options_;
  base::FileSystem& files_;
  const base::Clock& clock_;
  const std::shared_ptr<base::Logger> logger_;
  const base::MonotonicTime started_;

  std::unique_ptr<base::File> lock_;  ///< nobody else writes to this data folder
  std::unique_ptr<lake::LocalObjectStore> store_;
  std::unique_ptr<CatalogStage> catalog_;
  std::optional<table::Database> database_;
  std::optional<query::QueryEngine> engine_;
  gateway::TickStream ticks_;
  std::unique_ptr<broker::Server> broker_;             ///< this one
  std::unique_ptr<ExternalKafka> external_;            ///< or that one
  std::unique_ptr<message::SchemaRegistry> registry_;  ///< of the sink; null without
  std::unique_ptr<sink::Sink> sink_;
  std::unique_ptr<AwsStage> aws_;
  std::unique_ptr<gateway::Server> gateway_;
  std::optional<ShippedFeed> feed_;

  std::stop_source failed_;  ///< a stage ended that should not have
  std::mutex mutex_;         ///< guards failure_
  std::optional<base::Error> failure_;
  std::jthread broker_thread_, sink_thread_, aws_thread_, gateway_thread_, feed_thread_;
};

}  // namespace ticklake::cli
