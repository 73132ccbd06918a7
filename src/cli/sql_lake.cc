#include "base/file_system.h"
#include "cli/sql_source.h"
#include "lake/local_object_store.h"
#include "query/format.h"
#include "table/committed_files.h"
#include "table/database.h"

namespace ticklake::cli {
namespace {

/// A statement that is wrong is a failure of the command (1), not of its flags (2); what takes too
/// long is no missing server (3).
base::Error as_failure(base::Error error) {
  if (error.code == base::ErrorCode::kInvalidArgument || error.code == base::ErrorCode::kTimeout) {
    error.code = base::ErrorCode::kInvalidData;
  }
  return error;
}

class Lake final : public SqlSource {
 public:
  Lake(base::Path folder, SpillFolder spill, table::Database database, const base::Clock& clock,
       const QueryLimits& limits, query::Dialect dialect)
      : folder_(std::move(folder)),
        spill_(std::move(spill)),
        database_(std::move(database)),
        engine_(database_, clock,
                {.resident_bytes_max = limits.resident_bytes_max(), .names_files = true}),
        dialect_(dialect) {}

  base::Result<void> open() {
    TICKLAKE_ASSIGN(store_, lake::LocalObjectStore::open(
                                files_, folder_, lake::LocalObjectStore::Access::kReadOnly));
    TICKLAKE_ASSIGN(empty_, table::open_lake(database_, *store_));
    engine_.explain_absent_tables([this](std::string_view name) -> std::optional<base::Error> {
      const auto found = empty_.find(lake::lower_case(name));
      return found == empty_.end() ? std::nullopt : std::optional(found->second);
    });
    return database_.lock_down({folder_});
  }

  base::Result<SqlAnswer> query(const std::string& sql, uint64_t rows_max,
                                std::stop_token stop) override {
    auto query = engine_.start({sql, rows_max, kTimeMax, std::move(stop), false, dialect_});
    if (!query) return tl::unexpected(as_failure(std::move(query).error()));
    SqlAnswer answer{query->columns(), {}, 0, false};
    uint64_t bytes = 0;
    while (true) {
      auto block = query->next();
      if (!block) return tl::unexpected(as_failure(std::move(block).error()));
      if (block->rows() == 0) break;
      answer.rows += block->rows();
      bytes += block->bytes();
      if (bytes > kTableBytesMax) {
        return base::fail(base::ErrorCode::kInvalidData, "the answer is too large for a table",
                          "all of it must be there before its first line is printed; it is more "
                          "than 128 MiB",
                          "--limit N, or --output csv or json, which stream");
      }
      answer.blocks.push_back(std::move(*block));
    }
    answer.truncated = query->truncated();
    return answer;
  }

  base::Result<void> stream(const std::string& sql, RowFormat format, RowLimit rows_max,
                            std::stop_token stop, const TextSink& sink) override {
    const bool csv = format == RowFormat::kCsv;
    auto query = engine_.start(
        {sql, rows_max.value_or(UINT64_MAX), kTimeMax, std::move(stop), !csv, dialect_});
    if (!query) return tl::unexpected(as_failure(std::move(query).error()));
    std::string text;
    if (csv) query::append_csv_header(query->columns(), text);
    while (true) {
      auto block = query->next();
      if (!block) return tl::unexpected(as_failure(std::move(block).error()));
      if (csv) query::append_csv_rows(*block, text);
      if (!csv) query::append_json_lines(query->columns(), *block, text);
      if (!text.empty() && !sink(text)) return {};
      text.clear();
      if (block->rows() == 0) return {};
    }
  }

  base::Result<std::vector<query::TableColumns>> tables() override { return engine_.tables(); }

 private:
  /// Nobody else waits for this process: it may take as long as its user does.
  static constexpr std::chrono::hours kTimeMax{24};
  static constexpr uint64_t kTableBytesMax = 128 << 20;

  const base::Path folder_;
  const SpillFolder spill_;
  base::PosixFileSystem files_;
  table::Database database_;
  std::unique_ptr<lake::LocalObjectStore> store_;
  table::EmptyTables empty_;
  query::QueryEngine engine_;
  const query::Dialect dialect_;
};

}  // namespace

base::Result<std::unique_ptr<SqlSource>> open_lake_source(const std::string& lake,
                                                          const QueryLimits& limits,
                                                          const base::Clock& clock,
                                                          query::Dialect dialect) {
  TICKLAKE_ASSIGN(base::Path folder, lake::local_lake_path(lake));
  TICKLAKE_ASSIGN(SpillFolder spill, SpillFolder::make());
  table::DatabaseOptions options;
  options.memory_bytes_max = limits.memory_bytes_max;
  options.spill_bytes_max = limits.spill_bytes_max;
  options.spill_folder = spill.path();
  TICKLAKE_ASSIGN(table::Database database, table::Database::open(options));
  auto source = std::make_unique<Lake>(std::move(folder), std::move(spill), std::move(database),
                                       clock, limits, dialect);
  TICKLAKE_TRY(source->open());
  return source;
}

}  // namespace ticklake::cli
