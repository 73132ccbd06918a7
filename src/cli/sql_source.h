#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/query_limits.h"
#include "query/drivers/athena_client.h"
#include "query/query_engine.h"

namespace ticklake::cli {

/// A result that is shown as a table: all of it, as text.
struct SqlAnswer {
  std::vector<query::Column> columns;
  std::vector<query::RowBlock> blocks;
  uint64_t rows = 0;
  bool truncated = false;
};

enum class RowFormat : uint8_t { kCsv, kJsonLines };
using RowLimit = std::optional<uint64_t>;  ///< none: all rows
using TextSink = std::function<bool(std::string_view)>;

/// What became of a statement, where that is more than its rows and its time.
struct StatementSummary {
  uint64_t rows = 0;
  std::string text;  ///< "12.3 MB scanned, …"
};

/// Where `ticklake sql` asks: a server, a lake that this process opened, or Athena. One thread at a
/// time.
class SqlSource {
 public:
  virtual ~SqlSource() = default;
  virtual base::Result<SqlAnswer> query(const std::string& sql, uint64_t rows_max,
                                        std::stop_token stop) = 0;
  /// Hands out the rows in pieces, as they are computed; `sink` returns false to end it.
  virtual base::Result<void> stream(const std::string& sql, RowFormat format, RowLimit rows_max,
                                    std::stop_token stop, const TextSink& sink) = 0;
  virtual base::Result<std::vector<query::TableColumns>> tables() = 0;
  /// Of the last statement, also if it failed; none if there is nothing to say.
  virtual std::optional<StatementSummary> summary() const { return std::nullopt; }
};

/// A server of ticklake; kUnavailable with the advice to start it if it cannot be reached.
std::unique_ptr<SqlSource> connect_server(std::string url, query::Dialect dialect);

/// The committed rows of a lake (a folder or a file:// URL), read by this process.
base::Result<std::unique_ptr<SqlSource>> open_lake_source(const std::string& lake,
                                                          const QueryLimits& limits,
                                                          const base::Clock& clock,
                                                          query::Dialect dialect);

/// Which of Athena's names a statement is submitted with.
struct AthenaFlags {
  std::string region;  ///< empty: that of the environment or the profile
  query::drivers::AthenaOptions options;
};
/// Amazon Athena, or the endpoint of `ticklake up`, by the environment of AWS's clients.
base::Result<std::unique_ptr<SqlSource>> connect_athena(const AthenaFlags& flags,
                                                        const base::Clock& clock);

/// GET of a path of the server, as JSON text; errors as connect_server's.
base::Result<std::string> get_from_server(const std::string& url, const std::string& path);

}  // namespace ticklake::cli
