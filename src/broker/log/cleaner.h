#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "broker/log/compaction.h"
#include "broker/log/log_folder.h"

namespace ticklake::broker {

/// Compacts the closed segments of topics whose cleanup.policy names compact, one partition after
/// the other, in slices of work that are small enough for the event loop. As Kafka's log cleaner:
/// it learns the last offset of each key in what is new ("dirty"), then writes the segments up to
/// there again, several small ones as one. Offsets stay; gaps come to be. The new segment is
/// complete and on disk before it takes the place of the old ones (segment_swap.cc), so that a
/// crash leaves either.
class Cleaner {
 public:
  struct Settings {
    size_t slice_bytes = size_t{1} << 20;      ///< of batches, read or written again
    size_t keys_bytes_max = size_t{64} << 20;  ///< of memory for keys
  };
  enum class Next : uint8_t {
    kIdle,  ///< nothing is dirty enough
    kMore,  ///< another slice waits
    kSync,  ///< take_sync_work() has to be done, and synced() told, before the next slice
  };

  /// `logs` and the others must outlive it.
  Cleaner(LogFolder& logs, const base::Clock& clock, base::Logger& logger, Settings settings);
  ~Cleaner();
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;

  /// Does one slice of work. A partition that cannot be compacted is logged and left alone until
  /// the next start; a topic that was deleted or changed meanwhile is given up.
  Next run_slice();
  /// Does not touch the cleaner when it is run; on any thread.
  PartitionLog::SyncWork take_sync_work();
  void synced(const base::Result<void>& outcome);

 private:
  using PartitionKey = std::pair<base::Uuid, int32_t>;
  struct Job;

  bool choose();
  PartitionLog* log_of(const PartitionKey& key);
  base::Result<Next> go_on(PartitionLog& log);
  base::Result<void> follow_transactions(PartitionLog& log, int64_t offset);
  base::Result<bool> learn_keys(PartitionLog& log);
  base::Result<bool> rewrite(PartitionLog& log);
  base::Result<void> end_job(PartitionLog& log);

  LogFolder& logs_;
  const base::Clock& clock_;
  base::Logger& logger_;
  Settings settings_;
  std::unique_ptr<Job> job_;
  std::set<PartitionKey> given_up_;
};

}  // namespace ticklake::broker
