#include "cli/stages.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/secret_random.h"
#include "cli/aws_settings.h"
#include "cli/data_folder.h"
#include "cli/listen_address.h"
#include "cli/own_clients.h"
#include "kafka/client_security.h"
#include "market/time_text.h"

namespace ticklake::cli {
namespace {

/// The same at every start, so that a process that was killed is no member to be waited for.
constexpr const char* kSinkInstance = "ticklake-up";

/// How the stages of this process reach the broker: by a listener that asks nobody, where that is
/// enough, or else by one of their own on loopback, as a user whom only this process knows and who
/// may do everything.
struct OwnAccess {
  size_t listener = 0;
  kafka::ClientSettings settings;
};

OwnAccess open_own_access(broker::ServerOptions& options) {
  constexpr const char* kUser = "ticklake-up";
  auto& authorization = options.node.authorization;
  const bool may_be_nobody =
      !authorization || authorization->super_users.contains(broker::Principal{}.text());
  for (size_t i = 0; i < options.listeners.size() && may_be_nobody; ++i) {
    if (options.listeners[i].protocol == broker::SecurityProtocol::kPlaintext) return {i, {}};
  }
  if (authorization) authorization->super_users.insert(broker::Principal{"User", kUser}.text());
  base::Bytes secret(24);
  base::system_secret_random()(secret);
  const std::string password = base::to_base64(secret);
  options.node.unlisted_users[kUser] = password;
  broker::Listener own;
  own.protocol = broker::SecurityProtocol::kSaslPlaintext;
  own.address = {"127.0.0.1", 0};
  options.listeners.push_back(own);
  return {options.listeners.size() - 1,
          {{"security.protocol", "SASL_PLAINTEXT"},
           {"sasl.mechanisms", options.node.authentication.mechanisms.front()},
           {"sasl.username", kUser},
           {"sasl.password", password}}};
}

nlohmann::json broker_json(const broker::Server& broker) {
  const broker::NodeStats stats = broker.stats();
  return {{"kind", "embedded"},
          {"address", broker.listeners().front().address.text()},
          {"topics", stats.topics},
          {"partitions", stats.partitions},
          {"records_in", stats.records_in},
          {"bytes_in", stats.bytes_in},
          {"connections", stats.connections}};
}

nlohmann::json sink_json(const sink::SinkStats& stats) {
  auto partitions = nlohmann::json::array();
  for (const sink::PartitionStats& partition : stats.partitions) {
    partitions.push_back({{"topic", partition.topic},
                          {"partition", partition.partition},
                          {"visible_offset", partition.visible_offset},
                          {"durable_offset", partition.durable_offset},
                          {"log_end_offset", partition.log_end_offset},
                          {"lag", partition.lag},
                          {"table", partition.table},
                          {"error", partition.error}});
  }
  return {
      {"partitions", std::move(partitions)},      {"rows_visible", stats.rows_visible},
      {"rows_per_second", stats.rows_per_second}, {"dead_letters", stats.dead_letters},
      {"passed_over", stats.passed_over},         {"dead_letters_kept", stats.dead_letters_kept}};
}

nlohmann::json problems_json(const std::vector<sink::Problem>& problems) {
  auto list = nlohmann::json::array();
  for (const sink::Problem& problem : problems) {
    list.push_back({{"where", problem.where},
                    {"what", problem.what},
                    {"since", market::to_rfc3339(problem.since, 3)}});
  }
  return list;
}

}  // namespace

Stages::Stages(StagesOptions options, base::FileSystem& files, const base::Clock& clock,
               std::shared_ptr<base::Logger> logger)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      logger_(std::move(logger)),
      started_(clock.monotonic_now()) {}

Stages::~Stages() = default;

base::Result<std::unique_ptr<Stages>> Stages::start(StagesOptions options, base::FileSystem& files,
                                                    const base::Clock& clock,
                                                    std::shared_ptr<base::Logger> logger) {
  std::unique_ptr<Stages> stages(new Stages(std::move(options), files, clock, std::move(logger)));
  TICKLAKE_TRY(stages->open());
  return stages;
}

base::Result<sink::SinkOptions> Stages::open_kafka() {
  if (options_.kafka) {
    TICKLAKE_ASSIGN(external_, ExternalKafka::connect(*options_.kafka, options_.data, files_,
                                                      clock_, *logger_));
    return external_->sink_options();
  }
  broker::ServerOptions broker_options = options_.broker;
  broker_options.node.folder = options_.data / "broker";
  const OwnAccess access = open_own_access(broker_options);
  TICKLAKE_ASSIGN(broker_, broker::Server::start(std::move(broker_options), files_, clock_,
                                                 base::Random(base::entropy_seed()), logger_));
  // From here on it answers, so that its clients need not wait.
  run_stage(broker_thread_, "broker",
            [this](std::stop_token stop) { return broker_->run(std::move(stop)); });
  sink::SinkOptions sink_options;
  sink_options.brokers = broker_->listeners()[access.listener].address.text();
  sink_options.session_timeout =
      own_clients(options_.broker.node, sink_options.session_timeout).session_timeout;
  sink_options.settings = access.settings;
  TICKLAKE_ASSIGN(sink_options.security, kafka::client_security(access.settings, files_));
  sink_options.instance_id = kSinkInstance;
  return sink_options;
}

/// The page and its API ask nobody who he is: what a key may not do could be done there.
base::Result<void> Stages::open_aws() {
  bool has_other_keys = false;
  if (options_.aws_listener) {
    TICKLAKE_ASSIGN(aws_, AwsStage::start({options_.data, *options_.aws_listener},
                                          {*engine_, catalog_->get(), files_, clock_, *logger_}));
    has_other_keys = aws_->has_other_keys();
  } else if (files_.exists(identities_path(options_.data)).value_or(false)) {
    TICKLAKE_ASSIGN(const auto identities, open_identities(files_, options_.data, clock_, false));
    has_other_keys = count_keys(*identities->state()) > 1;
  }
  if (!has_other_keys || is_loopback(options_.http_listener.address.host)) return {};
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "will not listen on " + options_.http_listener.address.text(),
                    "there are access keys with rights of their own, and the page asks nobody who "
                    "he is",
                    "--http-listen 127.0.0.1:8080, reached through SSH or a proxy with a login; or "
                    "revoke them: ticklake key list");
}

gateway::Options Stages::gateway_options() {
  gateway::Options options;
  options.listen = options_.http_listener.address;
  options.tls = options_.http_listener.tls;
  options.is_for_loopback_only = [this] { return aws_ && aws_->has_other_keys(); };
  if (aws_) options.parts = aws_->parts();
  options.parts.metadata = &catalog_->get();
  return options;
}

std::string Stages::http_url() const {
  return client_url(gateway_->address(), options_.http_listener.tls.has_value());
}

base::Result<void> Stages::open() {
  TICKLAKE_ASSIGN(lock_, lock_data_folder(files_, options_.data));
  TICKLAKE_ASSIGN(sink::SinkOptions sink_options, open_kafka());
  ShippedFeedOptions feed_options = options_.feed;
  feed_options.brokers = sink_options.brokers;
  feed_options.settings = sink_options.settings;
  if (external_ == nullptr) {
    const OwnClients own = own_clients(options_.broker.node, sink_options.session_timeout);
    feed_options.settings.insert(feed_options.settings.end(), own.producer.begin(),
                                 own.producer.end());
    feed_options.topic_configs = own.topic_configs;
  }
  feed_options.outlives_failures = true;

  const base::Path lake = options_.data / "lake";
  TICKLAKE_TRY(files_.make_folders(lake));
  TICKLAKE_ASSIGN(
      store_, lake::LocalObjectStore::open(files_, lake, lake::LocalObjectStore::Access::kReadWrite,
                                           base::entropy_seed()));
  TICKLAKE_ASSIGN(catalog_, CatalogStage::open(options_.data, *store_, files_, clock_, *logger_));
  sink_options.on_committed = [this](const auto& committed) { catalog_->take(committed); };
  table::DatabaseOptions database_options;
  database_options.memory_bytes_max = options_.query.memory_bytes_max;
  database_options.spill_bytes_max = options_.query.spill_bytes_max;
  // Beside the lake, so that nothing of it is ever taken for data; what a crash left goes now.
  database_options.spill_folder = options_.data / "tmp" / "spill";
  TICKLAKE_TRY(files_.remove_all(database_options.spill_folder));
  TICKLAKE_TRY(files_.make_folders(database_options.spill_folder));
  // What Athena reads and writes; who may is asked before DuckDB is.
  TICKLAKE_TRY(files_.make_folders(buckets_path(options_.data)));
  database_options.allowed_folders = {lake, buckets_path(options_.data)};
  TICKLAKE_ASSIGN(database_, table::Database::open(database_options));
  engine_.emplace(*database_, clock_,
                  query::EngineLimits{.resident_bytes_max = options_.query.resident_bytes_max()});

  sink_options.flush = options_.flush;
  sink_options.encoding = options_.encoding;
  registry_ = make_registry(options_.messages);
  sink_options.decoding = options_.messages.decoding;
  sink_options.registry = registry_.get();
  TICKLAKE_ASSIGN(
      sink_, sink::Sink::start(std::move(sink_options), *database_, *store_, clock_, *logger_,
                               [this](const sink::VisibleRows& visible) {
                                 std::vector<std::string_view> values;
                                 const size_t kept =
                                     std::min(visible.rows.size(), gateway::TickStream::kRowsMax);
                                 for (const auto& row : visible.rows.last(kept)) {
                                   values.push_back(row.value);
                                 }
                                 ticks_.push(visible.table, values, visible.rows.size());
                               }));
  engine_->explain_absent_tables([this](std::string_view name) { return sink_->why_absent(name); });
  TICKLAKE_TRY(open_aws());
  TICKLAKE_ASSIGN(gateway_, gateway::Server::start(
                                gateway_options(), *engine_, ticks_, [this] { return status(); },
                                files_, clock_, *logger_));
  feed_.emplace(std::move(feed_options), files_, clock_, *logger_);
  return {};
}

void Stages::run_stage(std::jthread& thread, const char* name,
                       std::function<base::Result<void>(std::stop_token)> stage) {
  thread = std::jthread([this, name, stage = std::move(stage)](std::stop_token stop) {
    auto outcome = stage(std::move(stop));
    if (outcome) return;
    logger_->error("{}: {}", name, base::to_line(outcome.error()));
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::move(outcome.error());
    }
    failed_.request_stop();
  });
}

base::Result<void> Stages::run(const std::stop_token& stop) {
  run_stage(sink_thread_, "sink", [this](std::stop_token token) -> base::Result<void> {
    sink_->run(std::move(token));
    return {};
  });
  run_stage(gateway_thread_, "gateway", [this](std::stop_token token) -> base::Result<void> {
    gateway_->run(std::move(token));
    return {};
  });
  if (aws_) {
    run_stage(aws_thread_, "AWS endpoint", [this](std::stop_token token) -> base::Result<void> {
      aws_->run(token);
      return {};
    });
  }
  if (external_) {
    run_stage(broker_thread_, "Kafka", [this](std::stop_token token) -> base::Result<void> {
      external_->watch(token);
      return {};
    });
  }
  run_stage(feed_thread_, "feed", [this](std::stop_token token) { return feed_->run(token); });

  const std::stop_callback also(stop, [this] { failed_.request_stop(); });
  {
    std::mutex waiting;
    std::condition_variable_any changed;
    std::unique_lock lock(waiting);
    changed.wait(lock, failed_.get_token(), [] { return false; });
  }
  for (std::jthread* const thread :
       {&feed_thread_, &sink_thread_, &aws_thread_, &gateway_thread_, &broker_thread_}) {
    if (!thread->joinable()) continue;
    thread->request_stop();
    thread->join();
  }
  const std::lock_guard lock(mutex_);
  if (failure_) return base::fail(*failure_);
  return {};
}

nlohmann::json Stages::status() const {
  const sink::SinkStats sink = sink_->stats();
  const ShippedFeed::Progress feed = feed_->progress();
  const auto rate = feed::Pace::parse_rate(options_.feed.rate);
  auto tables = nlohmann::json::array();
  uint64_t files = 0, rows = 0, bytes = 0;
  for (const sink::TableStats& table : sink.tables) {
    tables.push_back({{"name", table.name},
                      {"rows_lake", table.table.lake.rows},
                      {"rows_tail", table.table.rows_tail},
                      {"rows_per_second", table.rows_per_second},
                      {"dead_letters", table.table.rejected.count},
                      {"files", table.table.lake.files}});
    files += table.table.lake.files;
    rows += table.table.lake.rows;
    bytes += table.table.lake.bytes;
  }
  std::vector<sink::Problem> problems = sink.problems;
  if (external_) std::ranges::copy(external_->problems(), std::back_inserter(problems));
  const std::chrono::duration<double> uptime = clock_.monotonic_now() - started_;
  const char* const kind = options_.feed.kind == FeedKind::kNone     ? "none"
                           : options_.feed.kind == FeedKind::kReplay ? "replay"
                                                                     : "simulate";
  nlohmann::json status = {{"version", TICKLAKE_VERSION},
                           {"uptime_s", uptime.count()},
                           {"ready", true},
                           {"problems", problems_json(problems)},
                           {"broker", external_ ? external_->status() : broker_json(*broker_)},
                           {"feed",
                            {{"kind", kind},
                             {"topic", feed.topic},
                             {"rate", rate ? rate->value : 0.0},
                             {"records", feed.records},
                             {"state", feed.state}}},
                           {"sink", sink_json(sink)},
                           {"lake",
                            {{"location", (options_.data / "lake").string()},
                             {"files", files},
                             {"rows", rows},
                             {"bytes", bytes}}},
                           {"tables", std::move(tables)},
                           {"query", {{"count", engine_->stats().queries}}}};
  if (aws_) {
    // Where it listens, since the page may have been asked for by another machine.
    status["aws"] = {{"url", aws_->url()},
                     {"listen", aws_->address().text()},
                     {"region", kAwsRegion},
                     {"env", env_command(options_.program, options_.data)}};
  }
  return status;
}

}  // namespace ticklake::cli
