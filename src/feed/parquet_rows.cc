#include "feed/parquet_rows.h"

#include <algorithm>

#include <duckdb.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include "base/assert.h"
#include "feed/json_rows.h"
#include "feed/json_text.h"
#include "feed/time_format.h"

namespace ticklake::feed {
namespace {

std::string enclosed(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += c;
    result += c;
  }
  return result + quote;
}

/// SQL for a value as text: an instant in UTC whatever the machine's zone is, with all its digits
/// (RFC 3339; microseconds, of TIMESTAMP_NS nanoseconds).
std::string text_expression(const std::string& value, std::string_view type) {
  if (type == "TIMESTAMP WITH TIME ZONE") {
    // By its microseconds since 1970: casts of this type go by the machine's zone.
    return "strftime(make_timestamp(epoch_us(" + value + ")), '%Y-%m-%dT%H:%M:%S.%fZ')";
  }
  // Not by strftime(): DuckDB 1.5 writes what follows %n into its digits.
  if (type == "TIMESTAMP_NS") return "(replace(" + value + "::VARCHAR, ' ', 'T') || 'Z')";
  if (type.starts_with("TIMESTAMP"))
    return "strftime(" + value + "::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%fZ')";
  return value + "::VARCHAR";
}

/// A type with text in the place of those inside it that to_json() would round (DECIMAL, HUGEINT)
/// or write by the machine's zone.
std::string with_exact_parts(std::string_view type) {
  static const re2::RE2 kInexact(
      R"(DECIMAL\(\d+,\s*\d+\)|U?HUGEINT|TIMESTAMP WITH TIME ZONE|TIMESTAMP_NS)");
  std::string exact(type);
  re2::RE2::GlobalReplace(&exact, kInexact, "VARCHAR");
  return exact;
}

/// SQL for a value as JSON text. Whole numbers and decimals are written as DuckDB prints them,
/// since to_json() goes through a double; parts of lists and structs that it would round become
/// text.
std::string json_expression(const std::string& value, std::string_view type) {
  std::string text;
  if (type.starts_with("TIMESTAMP") && !type.ends_with("]")) {
    text = "to_json(" + text_expression(value, type) + ")::VARCHAR";
  } else if (type == "HUGEINT" || type == "UHUGEINT" ||
             (type.starts_with("DECIMAL(") && type.ends_with(")"))) {
    text = value + "::VARCHAR";
  } else if (type == "DOUBLE" || type == "FLOAT") {
    text = "to_json(CASE WHEN isfinite(" + value + ") THEN " + value + " END)::VARCHAR";
  } else if (const std::string exact = with_exact_parts(type); exact != type) {
    text = "to_json(" + value + "::" + exact + ")::VARCHAR";
  } else {
    text = "to_json(" + value + ")::VARCHAR";
  }
  return "coalesce(" + text + ", 'null')";
}

/// A result and the chunk that is being read.
class Query {
 public:
  Query() = default;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { close(); }

  base::Result<void> run(duckdb_connection connection, const std::string& sql,
                         const std::string& what) {
    close();
    duckdb_prepared_statement statement = nullptr;
    is_open_ = true;
    if (duckdb_prepare(connection, sql.c_str(), &statement) != DuckDBSuccess) {
      const char* reason = duckdb_prepare_error(statement);
      base::Error error{base::ErrorCode::kInvalidData, what, reason ? reason : "", {}, false};
      duckdb_destroy_prepare(&statement);
      is_open_ = false;
      return base::fail(std::move(error));
    }
    // Streamed, so that a file larger than memory is no matter.
    const duckdb_state state = duckdb_execute_prepared_streaming(statement, &result_);
    duckdb_destroy_prepare(&statement);
    if (state == DuckDBSuccess) return {};
    const char* reason = duckdb_result_error(&result_);
    return base::fail(base::ErrorCode::kInvalidData, what, reason ? reason : "");
  }

  /// Goes to the next row; false at the end.
  bool next() {
    while (chunk_ == nullptr || ++row_ >= duckdb_data_chunk_get_size(chunk_)) {
      if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
      chunk_ = duckdb_fetch_chunk(result_);
      if (chunk_ == nullptr) return false;
      row_ = static_cast<idx_t>(-1);
    }
    return true;
  }

  /// A VARCHAR of the row; none if null.
  std::optional<std::string_view> text(idx_t column) const {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_, column);
    uint64_t* validity = duckdb_vector_get_validity(vector);
    if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row_)) return std::nullopt;
    auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    return std::string_view(duckdb_string_t_data(&strings[row_]),
                            duckdb_string_t_length(strings[row_]));
  }

  void close() {
    if (chunk_ != nullptr) duckdb_destroy_data_chunk(&chunk_);
    if (is_open_) duckdb_destroy_result(&result_);
    is_open_ = false;
  }

 private:
  duckdb_result result_{};
  duckdb_data_chunk chunk_ = nullptr;
  idx_t row_ = 0;
  bool is_open_ = false;
};

class ParquetRows final : public RowSource {
 public:
  explicit ParquetRows(RowOptions options) : options_(std::move(options)) {}
  ~ParquetRows() override {
    query_.close();
    if (connection_ != nullptr) duckdb_disconnect(&connection_);
    if (database_ != nullptr) duckdb_close(&database_);
  }

  base::Result<void> open();
  base::Result<bool> next(Row& row) override;
  base::Result<void> rewind() override;
  const RowCounts& counts() const override { return counts_; }
  std::string_view time_column() const override { return time_column_; }

 private:
  std::string what() const { return "read " + options_.file.string(); }
  std::string table() const {
    return "read_parquet(" + enclosed(options_.file.string(), '\'') + ")";
  }
  base::Result<void> connect();
  base::Result<void> describe();
  base::Result<void> choose_time_format();

  struct Column {
    std::string name;
    std::string type;
  };

  RowOptions options_;
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  Query query_;
  std::vector<Column> columns_;
  std::string time_column_;
  TimeFormat time_format_;
  JsonLineParser parser_;
  RowCounts counts_;
  uint64_t number_ = 0;
};

base::Result<void> ParquetRows::connect() {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  // One thread hands the rows out in the file's order and leaves the cores to the pipeline.
  duckdb_set_config(config, "threads", "1");
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  duckdb_set_config(config, "autoload_known_extensions", "false");
  char* reason = nullptr;
  const duckdb_state state = duckdb_open_ext(nullptr, &database_, config, &reason);
  duckdb_destroy_config(&config);
  const std::string cause = reason != nullptr ? reason : "";
  if (reason != nullptr) duckdb_free(reason);
  if (state != DuckDBSuccess || duckdb_connect(database_, &connection_) != DuckDBSuccess)
    return base::fail(base::ErrorCode::kIo, what(), cause);
  return {};
}

base::Result<void> ParquetRows::describe() {
  TICKLAKE_TRY(query_.run(
      connection_, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + table() + ")",
      what()));
  std::vector<std::string> names;
  while (query_.next()) {
    columns_.push_back(
        {std::string(query_.text(0).value_or("")), std::string(query_.text(1).value_or(""))});
    names.push_back(columns_.back().name);
  }
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (options_.key_column && !has(*options_.key_column))
    return base::fail(no_such_column(options_.file, "--key", *options_.key_column, names));
  if (options_.time_column && !has(*options_.time_column))
    return base::fail(no_such_column(options_.file, "--time-column", *options_.time_column, names));
  if (options_.time_column) {
    time_column_ = *options_.time_column;
  } else if (const auto column = find_time_column(names)) {
    time_column_ = names[*column];
  }
  return {};
}

base::Result<void> ParquetRows::open() {
  TICKLAKE_TRY(connect());
  TICKLAKE_TRY(describe());
  TICKLAKE_TRY(rewind());
  TICKLAKE_TRY(choose_time_format());
  return rewind();
}

base::Result<void> ParquetRows::rewind() {
  counts_ = {};
  number_ = 0;
  std::string row;
  std::string key = "NULL";
  std::string time = "NULL";
  for (const Column& column : columns_) {
    const std::string name = enclosed(column.name, '"');
    std::string label = row.empty() ? "{" : ",";
    TICKLAKE_ASSERT(append_json_string(label, column.name));
    label += ':';
    row += fmt::format("{}{}, {}", row.empty() ? "" : ", ", enclosed(label, '\''),
                       json_expression(name, column.type));
    if (options_.key_column == column.name) key = name + "::VARCHAR";
    if (time_column_ == column.name) time = text_expression(name, column.type);
  }
  return query_.run(connection_,
                    fmt::format("SELECT concat({}, '}}'), {}, {} FROM {}", row, key, time, table()),
                    what());
}

base::Result<void> ParquetRows::choose_time_format() {
  if (options_.time_format) {
    TICKLAKE_ASSIGN(time_format_, TimeFormat::parse(*options_.time_format));
    return {};
  }
  if (time_column_.empty()) return {};
  TimeFormatDetector detector(time_column_);
  for (uint64_t number = 1; detector.wants_more() && query_.next(); ++number) {
    if (const auto text = query_.text(2)) detector.show(*text, number);
  }
  TICKLAKE_ASSIGN(time_format_, detector.decide());
  return {};
}

base::Result<bool> ParquetRows::next(Row& row) {
  while (query_.next()) {
    row = {
        .json = query_.text(0).value_or(""), .key = query_.text(1), .time = {}, .line = ++number_};
    if (const char* problem = parser_.parse(row.json)) {
      counts_.bad.add(number_, problem, row.json);
      continue;
    }
    if (row.json.size() > kRowJsonBytesMax) {
      counts_.bad.add(number_, "too large for a record", row.json);
      continue;
    }
    if (const auto text = query_.text(2)) {
      row.time = time_format_.read(*text);
      if (!row.time) {
        counts_.bad.add(number_,
                        fmt::format("'{}' in '{}' is not a time as {}", *text, time_column_,
                                    time_format_.text()),
                        row.json);
        continue;
      }
    }
    ++counts_.rows;
    return true;
  }
  return false;
}

}  // namespace

base::Result<std::unique_ptr<RowSource>> open_parquet_rows(const RowOptions& options) {
  auto rows = std::make_unique<ParquetRows>(options);
  TICKLAKE_TRY(rows->open());
  return std::unique_ptr<RowSource>(std::move(rows));
}

}  // namespace ticklake::feed
