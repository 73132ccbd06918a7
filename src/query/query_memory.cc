#include "query/query_memory.h"

namespace ticklake::query {

base::Error out_of_memory(std::string_view reason) {
  // DuckDB's text goes on with settings that nobody can change here.
  const std::string cause(reason.substr(0, reason.find('\n')));
  if (reason.find("failed to offload data block") != std::string_view::npos) {
    return {base::ErrorCode::kNoSpace,
            "the query needs too much room on disk for what does not "
            "fit into memory",
            cause, "order, join and group fewer rows, or give more by --spill-bytes", false};
  }
  return {base::ErrorCode::kNoSpace, "the query needs too much memory", cause,
          "narrow it down: fewer rows, columns and groups, shorter text and lists; or give more by "
          "--query-memory",
          false};
}

}  // namespace ticklake::query
