#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"
#include "query/query_engine.h"

namespace ticklake::gateway {

inline constexpr uint64_t kDefaultRowsMax = 10'000;

/// A SQL request: body {"sql","limit"} or plain text; ?format=json|text|csv|ndjson, ?limit=N,
/// ?dialect=athena.
struct SqlRequest {
  enum class Format : uint8_t { kJson, kText, kCsv, kLines };
  std::string sql;
  uint64_t rows_max = kDefaultRowsMax;
  Format format = Format::kJson;
  query::Dialect dialect = query::Dialect::kDuckdb;

  /// Nothing of the answer is kept, so that it may have any length.
  bool streams() const { return format == Format::kCsv || format == Format::kLines; }
};

/// Of POST /api/query.
base::Result<SqlRequest> read_sql_request(const http::Request& request, std::string_view body);
/// Of GET /api/query/live, with the statement in `sql` of the query.
base::Result<SqlRequest> read_live_sql_request(const http::Request& request);

}  // namespace ticklake::gateway
