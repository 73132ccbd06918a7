#include "cli/query_limits.h"

#include <cerrno>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/quantities.h"

namespace ticklake::cli {
namespace {

/// With less, DuckDB refuses to open files of an ordinary lake.
constexpr uint64_t kMemoryBytesMin = 64ull << 20;

}  // namespace

void add_query_limit_flags(CLI::App& command, QueryLimitFlags& flags) {
  command
      .add_option("--query-memory", flags.memory,
                  "Memory for queries and for rows that are not in files yet")
      ->capture_default_str()
      ->type_name("SIZE");
  command
      .add_option("--spill-bytes", flags.spill, "Disk for queries that need more memory than that")
      ->capture_default_str()
      ->type_name("SIZE");
}

base::Result<QueryLimits> query_limits(const QueryLimitFlags& flags) {
  QueryLimits limits;
  TICKLAKE_ASSIGN(limits.memory_bytes_max, parse_bytes(flags.memory));
  TICKLAKE_ASSIGN(limits.spill_bytes_max, parse_bytes(flags.spill));
  if (limits.memory_bytes_max < kMemoryBytesMin) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "--query-memory " + flags.memory + " is too little",
                      "queries and the rows that are not in files yet need 64MiB at least",
                      "--query-memory 256MiB");
  }
  return limits;
}

base::Result<SpillFolder> SpillFolder::make() {
  std::error_code error;
  const base::Path parent = std::filesystem::temp_directory_path(error);
  std::string name = (parent / "ticklake-spill-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    base::Error failure = base::os_error(error ? error.value() : errno,
                                         "cannot make a folder for what does not fit into memory");
    failure.advice = "set TMPDIR to a folder that can be written";
    return tl::unexpected(std::move(failure));
  }
  return SpillFolder(name);
}

SpillFolder::~SpillFolder() {
  if (path_.empty()) return;
  std::error_code ignored;  // what is left in the temporary folder is no failure of a query
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ticklake::cli
