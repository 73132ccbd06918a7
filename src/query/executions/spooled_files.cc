#include "query/executions/spooled_files.h"

#include <algorithm>

#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

constexpr size_t kBufferBytes = 1 << 20;
constexpr uint64_t kObjectBytesMax = 16 << 20;  ///< DuckDB's for one JSON value

bool is_compressed(const std::string& key) {
  const std::string lower = to_lower(key);
  return lower.ends_with(".gz") || lower.ends_with(".zst") || lower.ends_with(".bz2");
}

}  // namespace

SpooledFiles::~SpooledFiles() {
  for (const base::Path& path : made_)
    static_cast<void>(files_.remove(path));  // what stays is swept with other staged files
}

base::Result<void> SpooledFiles::spool(FileSet& set, const std::string& bucket,
                                       const std::stop_token& stop) {
  if (set.files.size() < files_min_) return {};
  uint64_t bytes = 0;
  for (const TableFile& file : set.files) {
    if (is_compressed(file.key) || file.bytes > kObjectBytesMax) return {};
    bytes += file.bytes;
  }
  if (bytes / set.files.size() > kSpooledBytesEach) return {};
  TICKLAKE_ASSIGN(const base::Path path, store_.stage(bucket));
  TICKLAKE_ASSIGN(auto into, files_.open(path, base::OpenMode::kCreateNew));
  made_.push_back(path);
  TICKLAKE_TRY(copy(set.files, *into, stop));
  set.files = {TableFile{path.string(), set.files.front().key, bytes}};
  return {};
}

base::Result<void> SpooledFiles::copy(const std::vector<TableFile>& from, base::File& into,
                                      const std::stop_token& stop) {
  std::string buffer;
  uint64_t position = 0;
  const auto flush = [&]() -> base::Result<void> {
    TICKLAKE_TRY(into.write_at(position, base::as_bytes(buffer)));
    position += buffer.size();
    buffer.clear();
    return {};
  };
  for (const TableFile& file : from) {
    if (stop.stop_requested()) {
      return base::fail(base::ErrorCode::kInterrupted, "the query was cancelled");
    }
    TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files_, file.path, kObjectBytesMax));
    if (!text) continue;
    buffer.append(*text).append("\n");
    if (buffer.size() >= kBufferBytes) TICKLAKE_TRY(flush());
  }
  return flush();
}

}  // namespace ticklake::query::executions
