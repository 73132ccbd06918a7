#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/temporary_folder.h"
#include "broker/log/partition_log.h"

namespace ticklake::broker {

/// The machine's disk, which fails on command.
class FailingFileSystem final : public base::FileSystem {
 public:
  bool is_full = false;  ///< reserve and write fail with kNoSpace
  bool is_sync_failing = false;
  /// The next write stops after so many bytes; -1: never.
  int64_t torn_write_bytes = -1;
  int open_count = 0;  ///< of files that are open just now
  size_t largest_read_bytes = 0;

  base::Result<std::unique_ptr<base::File>> open(const base::Path& path,
                                                 base::OpenMode mode) override;
  base::Result<bool> exists(const base::Path& path) override { return disk_.exists(path); }
  base::Result<std::vector<std::string>> list(const base::Path& folder) override {
    return disk_.list(folder);
  }
  base::Result<void> make_folders(const base::Path& folder) override {
    return disk_.make_folders(folder);
  }
  base::Result<void> rename(const base::Path& from, const base::Path& to) override {
    return disk_.rename(from, to);
  }
  base::Result<void> link(const base::Path& from, const base::Path& to) override {
    return disk_.link(from, to);
  }
  base::Result<void> remove(const base::Path& path) override { return disk_.remove(path); }
  base::Result<void> remove_all(const base::Path& folder) override {
    return disk_.remove_all(folder);
  }
  base::Result<void> sync_folder(const base::Path& folder) override {
    return disk_.sync_folder(folder);
  }
  base::Result<uint64_t> bytes_available(const base::Path& path) override {
    return disk_.bytes_available(path);
  }

 private:
  base::PosixFileSystem disk_;
};

/// One batch of `count` records with `value_bytes` each, all of the same time.
struct BatchSpec {
  int count = 1;
  size_t value_bytes = 10;
  int64_t timestamp_ms = 1000;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  kafka::Codec codec = kafka::Codec::kNone;
  bool is_transactional = false;
};
base::Bytes make_batch(const BatchSpec& spec);

/// A log in a folder of its own that can be stopped, crashed and opened again.
class LogTestBed {
 public:
  explicit LogTestBed(LogSettings log_settings = {}) : settings(log_settings) { open(false); }

  /// As after a crash of the process, with nothing known to be synced, or after a clean stop.
  void open(bool was_clean, int64_t recovery_point = 0);
  void stop() {
    ASSERT_OK(log->close());
    log.reset();
  }
  /// The files stay as they are.
  void crash() { log.reset(); }

  LogResult<PartitionLog::Appended> append(const BatchSpec& spec, int64_t now_ms = 5000);
  /// The base offset of what was appended; fails the test on an error.
  int64_t append_ok(const BatchSpec& spec);
  /// One record of that producer's transaction; its offset.
  int64_t append_transactional(int64_t producer_id, int32_t sequence, int16_t epoch = 0);
  /// The marker's offset.
  int64_t end_transaction(int64_t producer_id, bool is_commit, int16_t epoch = 0);
  /// All batches from `offset` up to the end.
  std::vector<kafka::BatchHeader> read(int64_t offset, size_t bytes_max = 1 << 20);

  base::Path file(std::string_view suffix, int64_t base_offset = 0) const {
    return Segment::path(folder, base_offset, suffix);
  }
  std::string content(const base::Path& path);
  void overwrite(const base::Path& path, uint64_t position, std::string_view bytes);

  static void ASSERT_OK(const base::Result<void>& result);

  LogSettings settings;
  base::TemporaryFolder temporary;
  base::Path folder = temporary.path() / "trades-0";
  FailingFileSystem files;
  std::shared_ptr<base::Logger> logger = base::make_null_logger();
  int32_t leader_epoch = 0;
  std::unique_ptr<PartitionLog> log;
};

}  // namespace ticklake::broker
