#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"

namespace ticklake::broker {

/// An offset for each partition, as Kafka's recovery-point-offset-checkpoint and
/// log-start-offset-checkpoint hold it: version 0, the count, then "topic partition offset" lines.
using OffsetCheckpoint = std::map<std::pair<std::string, int32_t>, int64_t>;

/// Empty if there is no such file; kCorrupt if it does not read.
base::Result<OffsetCheckpoint> read_offset_checkpoint(base::FileSystem& files,
                                                      const base::Path& path);
base::Result<void> write_offset_checkpoint(base::FileSystem& files, const base::Path& path,
                                           const OffsetCheckpoint& checkpoint);

/// Which leader epoch began at which offset (KIP-101), as leader-epoch-checkpoint holds it.
class LeaderEpochs {
 public:
  struct Entry {
    int32_t epoch;
    int64_t start_offset;
  };
  struct End {
    int32_t epoch = -1;
    int64_t end_offset = -1;
  };

  static base::Result<LeaderEpochs> read(base::FileSystem& files, const base::Path& path);
  base::Result<void> write(base::FileSystem& files, const base::Path& path) const;

  const std::vector<Entry>& entries() const { return entries_; }
  int32_t latest() const { return entries_.empty() ? -1 : entries_.back().epoch; }
  /// A batch of `epoch` is about to be appended at `offset`; true if that is news to be written.
  bool assign(int32_t epoch, int64_t offset);
  /// The log now ends at `offset`.
  void truncate(int64_t offset);
  /// The log now begins at `offset`: epochs that ended before it go, the one that holds it begins
  /// there. True if that is news to be written.
  bool truncate_front(int64_t offset);
  /// The largest epoch up to `epoch` that the log has, and where it ends; Kafka's endOffsetFor.
  End end_of(int32_t epoch, int32_t current_epoch, int64_t log_end_offset) const;
  /// The epoch of the batch at `offset`; -1 if not known.
  int32_t epoch_at(int64_t offset) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace ticklake::broker
