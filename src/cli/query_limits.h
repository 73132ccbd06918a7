#pragma once

#include <cstdint>
#include <string>

#include "base/file_system.h"
#include "base/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace ticklake::cli {

/// What queries may take of this machine.
struct QueryLimits {
  /// DuckDB's memory_limit: its buffers, and the rows that are not in files yet.
  uint64_t memory_bytes_max = 1536ull << 20;
  /// On disk, of what does not fit into memory.
  uint64_t spill_bytes_max = 10ull << 30;

  /// The resident memory of the process with all that DuckDB does not count, and with the broker,
  /// the sink and answers on their way. By default 2.4 GiB.
  uint64_t resident_bytes_max() const { return memory_bytes_max + kBesideBytesMax; }

 private:
  static constexpr uint64_t kBesideBytesMax = 896ull << 20;
};

struct QueryLimitFlags {
  std::string memory = "1536MiB";
  std::string spill = "10GiB";
};

/// --query-memory and --spill-bytes.
void add_query_limit_flags(CLI::App& command, QueryLimitFlags& flags);
/// kInvalidArgument if a size is none, or the memory less than DuckDB can work with.
base::Result<QueryLimits> query_limits(const QueryLimitFlags& flags);

/// A folder of this user alone, under the system's temporary one (TMPDIR), that is gone with all
/// that is in it at the end of scope. Move-only.
class SpillFolder {
 public:
  static base::Result<SpillFolder> make();
  SpillFolder(SpillFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  SpillFolder& operator=(SpillFolder&&) = delete;
  ~SpillFolder();

  const base::Path& path() const { return path_; }

 private:
  explicit SpillFolder(base::Path path) : path_(std::move(path)) {}
  base::Path path_;
};

}  // namespace ticklake::cli
