#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/uuid.h"
#include "broker/log/partition_log.h"
#include "broker/log/topic_configs.h"

namespace ticklake::broker {

struct Topic {
  std::string name;
  base::Uuid id;
  TopicConfigs configs;
  std::vector<std::unique_ptr<PartitionLog>> partitions;
};

/// Kafka's rule: 1 to 249 of [a-zA-Z0-9._-], not "." or "..".
bool is_valid_topic_name(std::string_view name);

/// How many log files stay open beside those that were just written to.
inline constexpr size_t kOpenFilesMax = 512;

/// All that the broker keeps in its data folder: meta.properties, the list of topics, their
/// partitions' folders, Kafka's checkpoints, the clean-shutdown marker, and a lock against a second
/// process. One thread.
class LogFolder {
 public:
  /// Opens every log in `folder`, which is made if it is not there. Raises the leader epoch by one.
  /// kAlreadyExists if another process holds the folder, kInvalidArgument if a default is none. The
  /// references must outlive it.
  struct Options {
    TopicDefaults defaults = {};
    /// Kafka's producer.id.expiration.ms
    int64_t producer_expiration_ms = LogSettings{}.producer_expiration_ms;
  };
  static base::Result<std::unique_ptr<LogFolder>> open(base::FileSystem& files, base::Path folder,
                                                       Options options, base::Random& random,
                                                       base::Logger& logger);

  const base::Path& path() const { return folder_; }
  const std::string& cluster_id() const { return cluster_id_; }
  int32_t leader_epoch() const { return leader_epoch_; }
  /// What topics have that did not set it themselves.
  const TopicDefaults& defaults() const { return options_.defaults; }
  /// The broker stopped properly the last time (or this is its first time).
  bool was_clean() const { return was_clean_; }

  using Topics = std::map<std::string, std::unique_ptr<Topic>, std::less<>>;
  /// By name; pointers stay valid until that topic is deleted.
  const Topics& topics() const { return topics_; }
  Topic* find(std::string_view name);
  Topic* find(const base::Uuid& id);

  /// On disk when it returns: a topic that was answered for survives a crash whole. kAlreadyExists,
  /// kInvalidArgument (name, config), or the disk's error.
  base::Result<Topic*> create_topic(std::string name, int32_t partitions, TopicConfigs configs);
  /// kNotFound if there is none of that name.
  base::Result<void> delete_topic(std::string_view name);
  /// Replaces all configs of a topic; they are on disk when it returns, and act from then on.
  /// kNotFound, kInvalidArgument, or the disk's error, after which the old ones still hold.
  base::Result<void> set_configs(std::string_view name, TopicConfigs configs);
  /// Adds partitions until there are `count`, which is more than there are. On disk when it
  /// returns.
  base::Result<void> add_partitions(std::string_view name, int32_t count);

  /// Writes recovery-point-offset-checkpoint and log-start-offset-checkpoint.
  base::Result<void> write_checkpoints();
  /// Moves a log's start up to `offset`, which is at most its end, first on disk: whoever was told
  /// of a deletion finds it after a crash too.
  base::Result<void> delete_before(PartitionLog& log, int64_t offset);
  /// Up to where compaction has been in a partition, as cleaner-offset-checkpoint has it.
  int64_t cleaned_until(std::string_view topic, int32_t partition) const;
  base::Result<void> set_cleaned_until(const std::string& topic, int32_t partition, int64_t offset);
  /// That this user can still write.
  base::Result<uint64_t> bytes_available() { return files_.bytes_available(folder_); }
  /// Drops what the topics' retention lets go. A log that fails is logged and passed over.
  void apply_retention(int64_t now_ms);
  /// Closes every log, writes the checkpoints and, if all went well, .kafka_cleanshutdown. Only
  /// destruction may follow.
  base::Result<void> close();

 private:
  struct Described {
    std::string name;
    base::Uuid id;
    int32_t partitions = 0;
    TopicConfigs configs;
  };

  LogFolder(base::FileSystem& files, base::Path folder, Options options, LogSettings settings,
            base::Random& random, base::Logger& logger);

  base::Result<void> lock();
  base::Result<void> load_identity();
  base::Result<void> take_clean_marker();
  base::Result<std::vector<Described>> read_topics();
  base::Result<void> write_topics(std::string_view without);
  base::Result<void> write_start_offsets(const PartitionLog* raised, int64_t offset);
  base::Result<void> set_strays_aside();
  base::Result<std::unique_ptr<Topic>> open_topic(Described described,
                                                  const OffsetCheckpoint& recovery_points,
                                                  const OffsetCheckpoint& start_offsets);
  LogSettings settings_of(const std::string& topic, const TopicConfigs& configs);
  base::Result<std::unique_ptr<PartitionLog>> open_partition(
      const Topic& topic, const LogSettings& settings, int32_t partition,
      const OffsetCheckpoint& recovery_points, const OffsetCheckpoint& start_offsets);
  base::Path partition_path(std::string_view topic, int32_t partition) const;

  base::FileSystem& files_;
  OpenFiles open_files_{kOpenFilesMax};
  base::Path folder_;
  Options options_;
  LogSettings defaults_;  ///< as options_ has them
  base::Random& random_;
  base::Logger& logger_;
  std::unique_ptr<base::File> lock_;
  std::string cluster_id_;
  int32_t leader_epoch_ = 0;
  bool was_clean_ = false;
  OffsetCheckpoint cleaned_until_;
  Topics topics_;
};

}  // namespace ticklake::broker
