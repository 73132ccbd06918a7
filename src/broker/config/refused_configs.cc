#include "broker/config/refused_configs.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "broker/config/static_config.h"

namespace ticklake::broker {
namespace {

constexpr std::string_view kRemove = "remove it";
constexpr std::string_view kCluster = "it is about a cluster, and this broker is one node";
constexpr std::string_view kThreads = "one thread serves all clients";
constexpr std::string_view kSocket = "the operating system chooses it";
constexpr std::string_view kJava = "it names something of Java";
constexpr std::string_view kFlag = "it is a flag here";
constexpr std::string_view kNoTiers = "there is no remote storage of segments";
constexpr std::string_view kNotHere = "this broker does not have what it sets";
constexpr std::string_view kShare = "this broker has no share or streams groups";
constexpr std::string_view kListen = "use --kafka-listen PROTOCOL://HOST:PORT, once for each";
constexpr std::string_view kProtocol = "write the protocol in --kafka-listen PROTOCOL://HOST:PORT";
constexpr std::string_view kTimestamps =
    "use log.message.timestamp.before.max.ms and …after.max.ms";
constexpr std::string_view kQuotas = "set a default by kafka-configs.sh --entity-default";
constexpr std::string_view kKeyFiles = "use --tls-certificate FILE and --tls-key FILE, in PEM";
constexpr std::string_view kClientCa = "use --tls-client-ca FILE, in PEM";

/// Particular names stand before the families that they would belong to.
constexpr auto kRefused = std::to_array<RefusedConfig>({
    {"listeners", kFlag, kListen},
    {"advertised.listeners", kFlag, "use --advertise PROTOCOL://HOST:PORT"},
    {"listener.security.protocol.map", kFlag, kProtocol},
    {"listener.name.*", kFlag, "use --kafka-listen, --tls-… and `ticklake user`"},
    {"port", kFlag, kListen},
    {"host.name", kFlag, kListen},
    {"advertised.*", kFlag, "use --advertise PROTOCOL://HOST:PORT"},
    {"early.start.listeners", kCluster, kRemove},
    {"log.dir", kFlag, "use --data FOLDER"},
    {"log.dirs", kFlag, "use --data FOLDER"},
    {"ssl.keystore.*", kFlag, kKeyFiles},
    {"ssl.key.password", kFlag, "use --tls-key FILE of a key without a password"},
    {"ssl.truststore.*", kFlag, kClientCa},
    {"ssl.client.auth", kFlag, kClientCa},
    {"ssl.*", "OpenSSL chooses it", "remove it; see --tls-certificate"},
    {"authorizer.class.name", kFlag, "use --authorize"},
    {"super.users", kFlag, "use --super-user TYPE:NAME, once for each"},
    {"allow.everyone.if.no.acl.found", kFlag, "use --allow-if-no-acl"},
    {"sasl.jaas.config", "users are kept by the broker", "make them by `ticklake user`"},
    {"sasl.*", "SASL is PLAIN and SCRAM here, of the broker's own users",
     "remove it; see sasl.enabled.mechanisms"},
    {"connections.max.reauth.ms", "a client need not say twice who it is", kRemove},

    {"process.roles", kCluster, kRemove},
    {"node.id", "the only node has id 1", kRemove},
    {"broker.id", "the only node has id 1", kRemove},
    {"broker.*", kCluster, kRemove},
    {"reserved.broker.max.id", kCluster, kRemove},
    {"initial.broker.registration.timeout.ms", kCluster, kRemove},
    {"controller.*", kCluster, kRemove},
    {"controlled.shutdown.*", kCluster, kRemove},
    {"control.plane.listener.name", kCluster, kRemove},
    {"metadata.*", kCluster, kRemove},
    {"zookeeper.*", kCluster, kRemove},
    {"inter.broker.*", kCluster, kRemove},
    {"security.inter.broker.protocol", kCluster, kRemove},
    {"replica.*", kCluster, kRemove},
    {"replication.quota.*", kCluster, kRemove},
    {"alter.log.dirs.replication.quota.*", kCluster, kRemove},
    {"num.replica.fetchers", kCluster, kRemove},
    {"num.replica.alter.log.dirs.threads", kCluster, kRemove},
    {"auto.leader.rebalance.enable", kCluster, kRemove},
    {"leader.imbalance.*", kCluster, kRemove},
    {"unclean.leader.election.*", kCluster, kRemove},
    {"delegation.token.*", kNotHere, kRemove},
    {"unstable.*", kCluster, kRemove},

    {"num.network.threads", kThreads, kRemove},
    {"num.io.threads", kThreads, kRemove},
    {"background.threads", kThreads, kRemove},
    {"num.recovery.threads.per.data.dir", "one thread recovers all logs", kRemove},
    {"queued.max.requests", kThreads, "remove it; see queued.max.request.bytes"},
    {"socket.send.buffer.bytes", kSocket, kRemove},
    {"socket.receive.buffer.bytes", kSocket, kRemove},
    {"socket.listen.backlog.size", kSocket, kRemove},
    {"request.timeout.ms", kCluster, kRemove},
    {"max.connection.creation.rate", "connections are bounded in number, not in rate",
     "use max.connections"},
    {"max.connections.per.ip.overrides", "all addresses have the same bound",
     "use max.connections.per.ip"},
    {"fetch.purgatory.purge.interval.requests", kNotHere, kRemove},
    {"producer.purgatory.purge.interval.requests", kNotHere, kRemove},
    {"delete.records.purgatory.purge.interval.requests", kNotHere, kRemove},

    {"log.cleaner.threads", "one thread compacts, beside what clients ask", kRemove},
    {"log.cleaner.io.*", "the cleaner works in slices of 1 MiB", kRemove},
    {"log.flush.scheduler.interval.ms", "the broker looks five times a second",
     "use log.flush.interval.ms"},
    {"log.flush.*", "checkpoints are written once a minute", kRemove},
    {"log.index.size.max.bytes", "an index grows with its segment", kRemove},
    {"log.roll.jitter.*", "segments roll when they are due", kRemove},
    {"log.segment.delete.delay.ms", "files go at once", kRemove},
    {"log.preallocate", "segments are set aside piece by piece", kRemove},
    {"log.deletion.*", "files go at once", kRemove},
    {"log.initial.task.delay.ms", kNotHere, kRemove},
    {"log.dir.failure.timeout.ms", kCluster, kRemove},
    {"log.message.format.version", "every batch is of version 2", kRemove},
    {"log.message.downconversion.enable", "every batch is of version 2", kRemove},
    {"log.message.timestamp.difference.max.ms", "Kafka took it out", kTimestamps},
    {"log.local.retention.*", kNoTiers, kRemove},
    {"remote.*", kNoTiers, kRemove},
    {"compression.*.level", "each codec has one level here", "remove it; see compression.type"},

    {"group.consumer.min.*", "a group has no configs of its own here",
     "use group.consumer.session.timeout.ms or …heartbeat.interval.ms"},
    {"group.consumer.max.*", "a group has no configs of its own here",
     "use group.consumer.session.timeout.ms or …heartbeat.interval.ms"},
    {"group.consumer.migration.policy", "groups go over to KIP-848 and back by themselves",
     kRemove},
    {"group.consumer.*", kNotHere, kRemove},
    {"group.coordinator.rebalance.protocols", "both protocols are always there", kRemove},
    {"group.coordinator.*", kThreads, kRemove},
    {"group.share.*", kShare, kRemove},
    {"group.streams.*", kShare, kRemove},
    {"share.coordinator.*", kShare, kRemove},
    {"offsets.topic.segment.bytes", "it is the topic's own",
     "set segment.bytes of __consumer_offsets by `ticklake topic alter`"},
    {"offsets.topic.compression.codec", "the broker's own records are not compressed", kRemove},
    {"offsets.load.buffer.size", kNotHere, kRemove},
    {"offsets.commit.*", "an offset is committed when it is on disk", kRemove},
    {"transaction.state.log.segment.bytes", "it is the topic's own",
     "set segment.bytes of __transaction_state by `ticklake topic alter`"},
    {"transaction.state.log.load.buffer.size", kNotHere, kRemove},
    {"transaction.abort.timed.out.transaction.cleanup.interval.ms",
     "a transaction is aborted at the moment when it times out", kRemove},
    {"transaction.partition.verification.enable", "it is always done", kRemove},
    {"transaction.two.phase.commit.enable", kNotHere, kRemove},
    {"producer.id.expiration.check.interval.ms", "it is done with retention",
     "use log.retention.check.interval.ms"},

    {"quota.producer.default", "Kafka took it out", kQuotas},
    {"quota.consumer.default", "Kafka took it out", kQuotas},
    {"controller.quota.*", kCluster, kRemove},
    {"client.quota.callback.class", kJava, kRemove},
    {"create.topic.policy.class.name", kJava, kRemove},
    {"alter.config.policy.class.name", kJava, kRemove},
    {"principal.builder.class", kJava, kRemove},
    {"security.providers", kJava, kRemove},
    {"metric.reporters", kJava, "remove it; see `ticklake status` and /metrics of `up`"},
    {"metrics.*", kJava, kRemove},
    {"kafka.metrics.*", kJava, kRemove},
    {"auto.include.jmx.reporter", kJava, kRemove},
    {"telemetry.*", kNotHere, kRemove},
    {"password.encoder.*", "the broker keeps no password", kRemove},
    {"config.providers*", kJava, kRemove},
});

/// How many single characters have to be added, left out or replaced.
size_t distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

bool fits(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return name == pattern;
  const std::string_view end = pattern.substr(star + 1);
  return name.size() > star + end.size() && name.starts_with(pattern.substr(0, star)) &&
         name.ends_with(end);
}

}  // namespace

std::span<const RefusedConfig> refused_configs() { return kRefused; }

const RefusedConfig* find_refused_config(std::string_view name) {
  if (find_static_config(name)) return nullptr;
  const auto found = std::ranges::find_if(
      kRefused, [&](const RefusedConfig& refused) { return fits(refused.name, name); });
  return found == kRefused.end() ? nullptr : &*found;
}

std::string_view nearest_config(std::string_view name) {
  constexpr size_t kNameMax = 100;
  if (name.size() > kNameMax) return {};
  std::string_view nearest;
  size_t least = name.size() / 3 + 1;
  const auto look_at = [&](std::string_view other) {
    const size_t steps = distance(name, other);
    if (steps >= least) return;
    least = steps;
    nearest = other;
  };
  for (const StaticConfig& config : static_configs())
    look_at(config.rule.name);
  for (const RefusedConfig& refused : kRefused) {
    if (refused.name.find('*') == std::string_view::npos) look_at(refused.name);
  }
  return nearest;
}

std::string describe_refused_configs() {
  std::string text;
  for (const RefusedConfig& refused : kRefused) {
    text.append(refused.name).append("\n    ").append(refused.why).append("\n    ");
    text.append(refused.instead).append("\n");
  }
  return text;
}

}  // namespace ticklake::broker
