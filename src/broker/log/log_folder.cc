#include "broker/log/log_folder.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "broker/folder_lock.h"

namespace ticklake::broker {
namespace {

constexpr uint64_t kTextBytesMax = uint64_t{64} << 20;
constexpr std::string_view kCleanMarker = ".kafka_cleanshutdown";
constexpr std::string_view kRecoveryPoints = "recovery-point-offset-checkpoint";
constexpr std::string_view kStartOffsets = "log-start-offset-checkpoint";
constexpr std::string_view kCleanedUntil = "cleaner-offset-checkpoint";
/// One line a topic, then one line a config; Kafka keeps this in its metadata log.
constexpr std::string_view kTopicsFile = "ticklake-topics";
constexpr std::string_view kEpochFile = "ticklake-leader-epoch";
constexpr int kNodeIdInProperties = 1;

base::Result<std::string> read_if_there(base::FileSystem& files, const base::Path& path) {
  TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files, path, kTextBytesMax));
  return text.value_or("");
}

/// Whether `suffix` is the number of one of the topic's partitions, written as the broker writes
/// it.
bool is_partition_of(const Topic& topic, std::string_view suffix) {
  size_t partition = 0;
  const auto parsed = std::from_chars(suffix.data(), suffix.data() + suffix.size(), partition);
  return parsed.ec == std::errc() && partition < topic.partitions.size() &&
         std::to_string(partition) == suffix;
}

/// Not synced: a partition's folder is of no use before the list of topics names it.
base::Result<void> write_partition_metadata(base::FileSystem& files, const base::Path& folder,
                                            const base::Uuid& id) {
  TICKLAKE_TRY(files.make_folders(folder));
  TICKLAKE_ASSIGN(auto file, files.open(folder / "partition.metadata", base::OpenMode::kCreate));
  TICKLAKE_TRY(file->truncate(0));
  return file->write_at(0, base::as_bytes(fmt::format("version: 0\ntopic_id: {}", id.text())));
}

}  // namespace

LogFolder::LogFolder(base::FileSystem& files, base::Path folder, Options options,
                     LogSettings settings, base::Random& random, base::Logger& logger)
    : files_(files),
      folder_(std::move(folder)),
      options_(std::move(options)),
      defaults_(settings),
      random_(random),
      logger_(logger) {}

base::Result<std::unique_ptr<LogFolder>> LogFolder::open(base::FileSystem& files, base::Path folder,
                                                         Options options, base::Random& random,
                                                         base::Logger& logger) {
  LogSettings otherwise;
  otherwise.producer_expiration_ms = options.producer_expiration_ms;
  TICKLAKE_ASSIGN(const LogSettings settings, default_log_settings(options.defaults, otherwise));
  TICKLAKE_TRY(files.make_folders(folder));
  std::unique_ptr<LogFolder> logs(
      new LogFolder(files, std::move(folder), std::move(options), settings, random, logger));
  TICKLAKE_TRY(logs->lock());
  TICKLAKE_TRY(logs->load_identity());
  TICKLAKE_TRY(logs->take_clean_marker());
  TICKLAKE_ASSIGN(const OffsetCheckpoint recovery_points,
                  read_offset_checkpoint(files, logs->folder_ / kRecoveryPoints));
  TICKLAKE_ASSIGN(const OffsetCheckpoint start_offsets,
                  read_offset_checkpoint(files, logs->folder_ / kStartOffsets));
  TICKLAKE_ASSIGN(logs->cleaned_until_,
                  read_offset_checkpoint(files, logs->folder_ / kCleanedUntil));
  TICKLAKE_ASSIGN(std::vector<Described> described, logs->read_topics());
  for (Described& one : described) {
    const std::string name = one.name;
    TICKLAKE_ASSIGN(auto topic, logs->open_topic(std::move(one), recovery_points, start_offsets));
    logs->topics_.emplace(name, std::move(topic));
  }
  std::erase_if(logs->cleaned_until_,
                [&](const auto& entry) { return !logs->find(entry.first.first); });
  TICKLAKE_TRY(logs->set_strays_aside());
  return logs;
}

base::Result<void> LogFolder::lock() {
  TICKLAKE_ASSIGN(lock_, lock_folder(files_, folder_));
  return {};
}

base::Result<void> LogFolder::load_identity() {
  TICKLAKE_ASSIGN(const std::string properties, read_if_there(files_, folder_ / "meta.properties"));
  constexpr std::string_view kKey = "cluster.id=";
  if (const size_t at = properties.find(kKey); at != std::string::npos) {
    const size_t begin = at + kKey.size();
    cluster_id_ = properties.substr(begin, properties.find('\n', begin) - begin);
  }
  if (cluster_id_.empty()) {
    cluster_id_ = base::Uuid::random(random_).text();
    TICKLAKE_TRY(base::replace_text(
        files_, folder_ / "meta.properties",
        fmt::format("version=1\ncluster.id={}\nnode.id={}\n", cluster_id_, kNodeIdInProperties)));
  }
  TICKLAKE_ASSIGN(const std::string epoch, read_if_there(files_, folder_ / kEpochFile));
  int32_t last = -1;
  if (!epoch.empty() && !(std::istringstream(epoch) >> last)) {
    return base::fail(base::ErrorCode::kCorrupt,
                      (folder_ / kEpochFile).string() + " holds no number");
  }
  leader_epoch_ = last + 1;
  return base::replace_text(files_, folder_ / kEpochFile, fmt::format("{}\n", leader_epoch_));
}

base::Result<void> LogFolder::take_clean_marker() {
  const base::Path marker = folder_ / kCleanMarker;
  TICKLAKE_ASSIGN(was_clean_, files_.exists(marker));
  if (!was_clean_) return {};
  TICKLAKE_TRY(files_.remove(marker));
  return files_.sync_folder(folder_);
}

base::Result<std::vector<LogFolder::Described>> LogFolder::read_topics() {
  const base::Path path = folder_ / kTopicsFile;
  TICKLAKE_ASSIGN(const std::string text, read_if_there(files_, path));
  std::vector<Described> topics;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "version" || line.empty()) continue;
    bool is_good = false;
    if (kind == "topic") {
      Described topic;
      std::string id;
      is_good = static_cast<bool>(words >> topic.name >> id >> topic.partitions);
      const auto parsed = base::Uuid::parse(id);
      is_good = is_good && parsed && is_valid_topic_name(topic.name) && topic.partitions > 0;
      if (parsed) topic.id = *parsed;
      topics.push_back(std::move(topic));
    } else if (kind == "config" && !topics.empty()) {
      std::string key;
      std::string value;
      is_good = static_cast<bool>(words >> key);
      if (words.get() == ' ') std::getline(words, value);
      topics.back().configs[key] = value;
    }
    if (!is_good) {
      return base::fail(base::ErrorCode::kCorrupt, "cannot read " + path.string(),
                        "the line '" + line + "' is neither a topic nor its config");
    }
  }
  return topics;
}

base::Result<void> LogFolder::write_topics(std::string_view without) {
  std::string text = "version 1\n";
  for (const auto& [name, topic] : topics_) {
    if (name == without) continue;
    text += fmt::format("topic {} {} {}\n", name, topic->id.text(), topic->partitions.size());
    for (const auto& [key, value] : topic->configs)
      text += fmt::format("config {} {}\n", key, value);
  }
  return base::replace_text(files_, folder_ / kTopicsFile, text);
}

base::Result<void> LogFolder::set_strays_aside() {
  TICKLAKE_ASSIGN(const std::vector<std::string> names, files_.list(folder_));
  for (const std::string& name : names) {
    if (name.ends_with("-delete")) {
      TICKLAKE_TRY(files_.remove_all(folder_ / name));
      continue;
    }
    TICKLAKE_ASSIGN(const bool is_partition, files_.exists(folder_ / name / "partition.metadata"));
    if (!is_partition || name.ends_with("-stray")) continue;
    const size_t dash = name.rfind('-');
    const Topic* known = dash == std::string::npos ? nullptr : find(name.substr(0, dash));
    if (known && is_partition_of(*known, std::string_view(name).substr(dash + 1))) continue;
    // A crash while the topic was made or deleted: it was answered for neither way.
    const std::string aside = fmt::format("{}.{}-stray", name, leader_epoch_);
    logger_.warn("folder {} belongs to no topic; renamed to {}", name, aside);
    TICKLAKE_TRY(files_.rename(folder_ / name, folder_ / aside));
  }
  return {};
}

base::Path LogFolder::partition_path(std::string_view topic, int32_t partition) const {
  return folder_ / fmt::format("{}-{}", topic, partition);
}

/// What an earlier release took and this one does not is left out rather than the topic.
LogSettings LogFolder::settings_of(const std::string& topic, const TopicConfigs& configs) {
  LogSettings settings = defaults_;
  for (const auto& [name, value] : configs) {
    auto with = log_settings_of({{name, value}}, settings);
    if (with) {
      settings = *with;
    } else {
      logger_.warn("topic {}: a config has no effect: {}", topic, base::to_line(with.error()));
    }
  }
  return settings;
}

base::Result<std::unique_ptr<PartitionLog>> LogFolder::open_partition(
    const Topic& topic, const LogSettings& settings, int32_t partition,
    const OffsetCheckpoint& recovery_points, const OffsetCheckpoint& start_offsets) {
  const auto offset_in = [&](const OffsetCheckpoint& checkpoint) {
    const auto found = checkpoint.find({topic.name, partition});
    return found == checkpoint.end() ? int64_t{0} : found->second;
  };
  PartitionLog::OpenOptions options{settings,
                                    fmt::format("{}-{}", topic.name, partition),
                                    leader_epoch_,
                                    was_clean_,
                                    offset_in(recovery_points),
                                    offset_in(start_offsets),
                                    cleaned_until(topic.name, partition),
                                    &open_files_};
  return PartitionLog::open(files_, partition_path(topic.name, partition), std::move(options),
                            logger_);
}

base::Result<std::unique_ptr<Topic>> LogFolder::open_topic(Described described,
                                                           const OffsetCheckpoint& recovery_points,
                                                           const OffsetCheckpoint& start_offsets) {
  const LogSettings settings = settings_of(described.name, described.configs);
  auto topic = std::make_unique<Topic>();
  topic->name = described.name;
  topic->id = described.id;
  topic->configs = std::move(described.configs);
  for (int32_t i = 0; i < described.partitions; ++i) {
    TICKLAKE_ASSIGN(auto log, open_partition(*topic, settings, i, recovery_points, start_offsets));
    topic->partitions.push_back(std::move(log));
  }
  return topic;
}

Topic* LogFolder::find(std::string_view name) {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second.get();
}

Topic* LogFolder::find(const base::Uuid& id) {
  const auto found =
      std::ranges::find_if(topics_, [&](const auto& entry) { return entry.second->id == id; });
  return found == topics_.end() ? nullptr : found->second.get();
}

base::Result<Topic*> LogFolder::create_topic(std::string name, int32_t partitions,
                                             TopicConfigs configs) {
  if (!is_valid_topic_name(name) || partitions < 1) {
    return base::fail(base::ErrorCode::kInvalidArgument, "invalid topic '" + name + "'",
                      "a name has 1 to 249 characters of a-z A-Z 0-9 . _ -");
  }
  if (find(name)) {
    return base::fail(base::ErrorCode::kAlreadyExists, "topic '" + name + "' already exists");
  }
  TICKLAKE_TRY(log_settings_of(configs, defaults_));
  const base::Uuid id = base::Uuid::random(random_);
  const auto make = [&]() -> base::Result<std::unique_ptr<Topic>> {
    for (int32_t i = 0; i < partitions; ++i)
      TICKLAKE_TRY(write_partition_metadata(files_, partition_path(name, i), id));
    TICKLAKE_ASSIGN(auto topic, open_topic({name, id, partitions, std::move(configs)}, {}, {}));
    TICKLAKE_TRY(files_.sync_folder(folder_));
    return topic;
  };
  auto made = make();
  if (made) {
    topics_.emplace(name, std::move(*made));
    auto written = write_topics({});
    if (written) return find(name);
    topics_.erase(name);
    made = tl::unexpected(std::move(written).error());
  }
  for (int32_t i = 0; i < partitions; ++i) {
    if (auto removed = files_.remove_all(partition_path(name, i)); !removed) break;
  }
  return tl::unexpected(std::move(made).error().within("make topic " + name));
}

base::Result<void> LogFolder::delete_topic(std::string_view name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) {
    return base::fail(base::ErrorCode::kNotFound, "no topic '" + std::string(name) + "'");
  }
  TICKLAKE_TRY(write_topics(name));
  const auto count = static_cast<int32_t>(found->second->partitions.size());
  const std::string kept_name = found->first;
  topics_.erase(found);
  const size_t forgotten = std::erase_if(
      cleaned_until_, [&](const auto& entry) { return entry.first.first == kept_name; });
  if (forgotten > 0) {
    TICKLAKE_TRY(write_offset_checkpoint(files_, folder_ / kCleanedUntil, cleaned_until_));
  }
  for (int32_t i = 0; i < count; ++i) {
    const base::Path path = partition_path(kept_name, i);
    // Renamed first: what a crash leaves of it must not be taken for a topic of the same name.
    const base::Path doomed = path.string() + "-delete";
    const bool is_renamed = files_.rename(path, doomed).has_value();
    TICKLAKE_TRY(files_.remove_all(is_renamed ? doomed : path));
  }
  return {};
}

base::Result<void> LogFolder::set_configs(std::string_view name, TopicConfigs configs) {
  Topic* const topic = find(name);
  if (!topic) {
    return base::fail(base::ErrorCode::kNotFound, "no topic '" + std::string(name) + "'");
  }
  TICKLAKE_ASSIGN(const LogSettings settings, log_settings_of(configs, defaults_));
  std::swap(topic->configs, configs);
  if (auto written = write_topics({}); !written) {
    std::swap(topic->configs, configs);
    return written;
  }
  for (const auto& log : topic->partitions)
    log->set_settings(settings);
  return {};
}

base::Result<void> LogFolder::add_partitions(std::string_view name, int32_t count) {
  Topic* const topic = find(name);
  if (!topic) {
    return base::fail(base::ErrorCode::kNotFound, "no topic '" + std::string(name) + "'");
  }
  const auto before = static_cast<int32_t>(topic->partitions.size());
  const LogSettings settings = settings_of(topic->name, topic->configs);
  const auto make = [&]() -> base::Result<void> {
    for (int32_t i = before; i < count; ++i) {
      TICKLAKE_TRY(write_partition_metadata(files_, partition_path(name, i), topic->id));
      TICKLAKE_ASSIGN(auto log, open_partition(*topic, settings, i, {}, {}));
      topic->partitions.push_back(std::move(log));
    }
    TICKLAKE_TRY(files_.sync_folder(folder_));
    return write_topics({});
  };
  auto made = make();
  if (made) return {};
  topic->partitions.resize(static_cast<size_t>(before));
  for (int32_t i = before; i < count; ++i) {
    if (auto removed = files_.remove_all(partition_path(name, i)); !removed) break;
  }
  return tl::unexpected(std::move(made).error().within("add partitions to " + topic->name));
}

int64_t LogFolder::cleaned_until(std::string_view topic, int32_t partition) const {
  const auto found = cleaned_until_.find({std::string(topic), partition});
  return found == cleaned_until_.end() ? 0 : found->second;
}

base::Result<void> LogFolder::set_cleaned_until(const std::string& topic, int32_t partition,
                                                int64_t offset) {
  cleaned_until_[{topic, partition}] = offset;
  return write_offset_checkpoint(files_, folder_ / kCleanedUntil, cleaned_until_);
}

base::Result<void> LogFolder::write_checkpoints() {
  OffsetCheckpoint recovery_points;
  for (const auto& [name, topic] : topics_) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      recovery_points[{name, static_cast<int32_t>(i)}] = topic->partitions[i]->recovery_point();
    }
  }
  TICKLAKE_TRY(write_offset_checkpoint(files_, folder_ / kRecoveryPoints, recovery_points));
  return write_start_offsets(nullptr, 0);
}

/// `raised` begins at `offset` from then on.
base::Result<void> LogFolder::write_start_offsets(const PartitionLog* raised, int64_t offset) {
  OffsetCheckpoint start_offsets;
  for (const auto& [name, topic] : topics_) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      const PartitionLog& log = *topic->partitions[i];
      const int64_t start = &log == raised ? offset : log.start_offset();
      if (start > 0) start_offsets[{name, static_cast<int32_t>(i)}] = start;
    }
  }
  return write_offset_checkpoint(files_, folder_ / kStartOffsets, start_offsets);
}

base::Result<void> LogFolder::delete_before(PartitionLog& log, int64_t offset) {
  TICKLAKE_TRY(write_start_offsets(&log, offset));
  log.delete_before(offset);
  return {};
}

void LogFolder::apply_retention(int64_t now_ms) {
  for (const auto& [name, topic] : topics_) {
    for (const auto& log : topic->partitions) {
      const auto moved = log->apply_retention(now_ms);
      if (!moved) {
        logger_.error("retention of {}: {}", log->name(), base::to_line(moved.error()));
      } else if (*moved) {
        logger_.info("{}: retention moved the start to offset {}", log->name(),
                     log->start_offset());
      }
    }
  }
}

base::Result<void> LogFolder::close() {
  base::Result<void> outcome;
  for (const auto& [name, topic] : topics_) {
    for (const auto& log : topic->partitions) {
      if (auto closed = log->close(); !closed) {
        logger_.error("close {}: {}", log->name(), base::to_line(closed.error()));
        if (outcome) outcome = std::move(closed);
      }
    }
  }
  TICKLAKE_TRY(write_checkpoints());
  if (!outcome) return outcome;
  return base::replace_text(files_, folder_ / kCleanMarker, "{\"version\":0}\n");
}

}  // namespace ticklake::broker
