#include "cli/external_kafka.h"

#include <algorithm>
#include <cstdio>
#include <future>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/uuid.h"
#include "feed/pace.h"
#include "kafka/client_error.h"
#include "kafka/cluster.h"
#include "kafka/connection.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::milliseconds kStartWait{10'000};
constexpr std::chrono::seconds kSilentWait{1};
constexpr std::chrono::milliseconds kRefusalWait{1'000};
constexpr std::chrono::milliseconds kAnswerWait{3'000};
constexpr std::chrono::seconds kLookInterval{2};
/// A broker that falls silent may take a question with it; another one answers the next.
constexpr std::chrono::seconds kUnansweredMax{5};
/// The group waits so long for a member that is out of its sight. Nobody else wants the partitions,
/// since the group is this lake's own; and rows of the tail would leave SQL with them, so it is
/// longer than a row waits for its file by default. Every Kafka allows it.
constexpr std::chrono::minutes kSessionTimeout{5};

/// Where its problems are, as the status names it: the sink's are "Kafka".
constexpr const char* kPlace = "the Kafka of --kafka";

/// Of the data folder: the name by which it is known to Kafka, for good.
constexpr const char* kInstanceFile = "kafka-instance";
constexpr uint64_t kInstanceBytesMax = 64;

/// What makes a client notice that a broker is gone without a word, and look for the next leader.
const kafka::ClientSettings& fast_failover() {
  static const kafka::ClientSettings settings{{"heartbeat.interval.ms", "3000"},
                                              {"socket.timeout.ms", "10000"},
                                              {"socket.connection.setup.timeout.ms", "5000"},
                                              {"topic.metadata.refresh.interval.ms", "3000"}};
  return settings;
}

base::Result<std::string> instance_of(const base::Path& data, base::FileSystem& files) {
  const base::Path path = data / kInstanceFile;
  TICKLAKE_ASSIGN(const auto kept, base::read_text_if_there(files, path, kInstanceBytesMax));
  if (kept) {
    const std::string text = kept->substr(0, kept->find('\n'));
    if (base::Uuid::parse(text)) return text;
    return base::fail(base::ErrorCode::kCorrupt, path.string() + " holds no instance id", {},
                      "remove it: the next start makes another one, and reads on where the lake "
                      "ends");
  }
  base::Random random(base::entropy_seed());
  std::string made = base::Uuid::random(random).text();
  TICKLAKE_TRY(base::replace_text(files, path, made + "\n"));
  return made;
}

/// Refused is another thing than not there, which librdkafka does not tell apart.
base::Error why_unreachable(const std::string& brokers, const kafka::ClientSecurity& security) {
  const auto connection = kafka::connect_to_any(brokers, kRefusalWait, security);
  const bool is_refused = !connection && connection.error().code == base::ErrorCode::kPermission;
  base::Error error = is_refused ? connection.error() : kafka::unreachable_error(brokers);
  if (!is_refused) {
    error.advice =
        "check --kafka, that Kafka is up, and whether security.protocol has to be set "
        "(-X, --client-config); without --kafka ticklake brings its own broker";
  }
  return error;
}

std::string plural(size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

base::Result<std::unique_ptr<ExternalKafka>> ExternalKafka::connect(ExternalKafkaOptions options,
                                                                    const base::Path& data,
                                                                    base::FileSystem& files,
                                                                    const base::Clock& clock,
                                                                    base::Logger& logger) {
  std::unique_ptr<ExternalKafka> kafka(new ExternalKafka(std::move(options), clock, logger));
  TICKLAKE_TRY(kafka->open(data, files));
  return kafka;
}

base::Result<void> ExternalKafka::open(const base::Path& data, base::FileSystem& files) {
  settings_ = fast_failover();
  settings_.insert(settings_.end(), options_.settings.begin(), options_.settings.end());
  TICKLAKE_ASSIGN(security_, kafka::client_security(settings_, files));
  brokers_ = options_.addresses;
  TICKLAKE_ASSIGN(const kafka::ClusterDescription cluster, wait_for_answer());
  for (const std::string& broker : cluster.brokers) {
    if (("," + brokers_ + ",").find("," + broker + ",") == std::string::npos) {
      brokers_ += "," + broker;
    }
  }
  take(cluster);
  TICKLAKE_ASSIGN(const std::string instance, instance_of(data, files));
  instance_id_ = "ticklake-up-" + instance;
  group_ = options_.group.empty() ? instance_id_ : options_.group;
  TICKLAKE_ASSIGN(admin_, kafka::Admin::start(brokers_, kAnswerWait, settings_));
  return {};
}

base::Result<kafka::ClusterDescription> ExternalKafka::wait_for_answer() const {
  TICKLAKE_ASSIGN(const auto admin, kafka::Admin::start(brokers_, kStartWait, settings_));
  auto answer = std::async(std::launch::async, [&] { return kafka::describe_cluster(*admin); });
  if (answer.wait_for(kSilentWait) != std::future_status::ready) {
    fmt::print(stderr, "no Kafka answers at {} yet; waiting up to {} s\n", options_.addresses,
               kStartWait.count() / 1'000);
  }
  auto cluster = answer.get();
  if (!cluster) return base::fail(why_unreachable(brokers_, security_));
  return cluster;
}

ExternalKafka::Seen ExternalKafka::seen_of(const kafka::ClusterDescription& cluster) const {
  Seen seen{.brokers = cluster.brokers.size(), .absent_topics = options_.topics};
  std::erase_if(seen.absent_topics, [](const auto& topic) { return topic.starts_with('^'); });
  for (const kafka::TopicDescription& topic : cluster.topics) {
    if (topic.name.starts_with("__")) continue;
    ++seen.topics;
    seen.partitions += topic.partitions.size();
    seen.leaderless += static_cast<size_t>(std::ranges::count_if(
        topic.partitions, [](const auto& partition) { return partition.leader < 0; }));
    std::erase(seen.absent_topics, topic.name);
  }
  return seen;
}

void ExternalKafka::watch(const std::stop_token& stop) {
  while (feed::wait_until(clock_, clock_.monotonic_now() + kLookInterval, stop))
    look();
}

void ExternalKafka::look() {
  const base::MonotonicTime asked = clock_.monotonic_now();
  const auto cluster = kafka::describe_cluster(*admin_);
  if (cluster) return take(*cluster);
  if (!unanswered_since_) unanswered_since_ = asked;
  if (clock_.monotonic_now() - *unanswered_since_ < kUnansweredMax) return;
  const std::string what = "no broker answers at " + options_.addresses +
                           "; SQL goes on over the rows that are here, reading when it is back";
  problems_.set(kPlace, what);
  const std::lock_guard lock(mutex_);
  is_reachable_ = false;
  error_ = what;
}

void ExternalKafka::take(const kafka::ClusterDescription& cluster) {
  unanswered_since_.reset();
  const Seen seen = seen_of(cluster);
  if (seen.leaderless > 0) {
    problems_.set(kPlace, plural(seen.leaderless, "partition") +
                              " without a leader: nobody can read or write there");
  } else {
    problems_.clear(kPlace);
  }
  for (const std::string& topic : options_.topics) {
    const bool is_absent = std::ranges::find(seen.absent_topics, topic) != seen.absent_topics.end();
    if (is_absent) problems_.note("topic " + topic, "is not in Kafka yet");
    if (!is_absent) problems_.clear("topic " + topic);
  }
  const std::lock_guard lock(mutex_);
  seen_ = seen;
  is_reachable_ = true;
  error_.clear();
}

sink::SinkOptions ExternalKafka::sink_options() const {
  sink::SinkOptions options;
  options.brokers = brokers_;
  options.settings = settings_;
  options.security = security_;
  options.group = group_;
  options.instance_id = instance_id_;
  options.topics = options_.topics;
  options.session_timeout = kSessionTimeout;
  return options;
}

nlohmann::json ExternalKafka::status() const {
  const std::lock_guard lock(mutex_);
  return {{"kind", "external"},
          {"address", options_.addresses},
          {"reachable", is_reachable_},
          {"error", error_},
          {"brokers", seen_.brokers},
          {"topics", seen_.topics},
          {"partitions", seen_.partitions},
          {"partitions_without_leader", seen_.leaderless},
          {"absent_topics", seen_.absent_topics},
          {"group", group_}};
}

std::string ExternalKafka::summary() const {
  const std::lock_guard lock(mutex_);
  return plural(seen_.brokers, "broker") + ", " + plural(seen_.topics, "topic");
}

}  // namespace ticklake::cli
