#include "table/file_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace ticklake::table {
namespace {

using lake::Encoding;
using lake::Finding;
using lake::FindingKind;
using lake::PromisedFile;

/// So many footers are asked for in one statement.
constexpr size_t kFilesAtOnce = 200;

/// A row of texts; none for NULL.
using Row = std::vector<std::optional<std::string>>;

/// All rows of a statement whose columns are VARCHAR.
base::Result<std::vector<Row>> read_rows(Connection& connection, const std::string& sql) {
  TICKLAKE_ASSIGN(QueryResult result, connection.query(sql));
  std::vector<Row> rows;
  for (;;) {
    TICKLAKE_ASSIGN(const QueryResult::Chunk chunk, result.next_chunk());
    if (!chunk) return rows;
    for (size_t i = 0; i < chunk.rows(); ++i) {
      Row row;
      for (size_t column = 0; column < result.column_count(); ++column) {
        const duckdb_vector vector = chunk.vector(column);
        uint64_t* const validity = duckdb_vector_get_validity(vector);
        if (validity != nullptr && !duckdb_validity_row_is_valid(validity, i)) {
          row.emplace_back();
          continue;
        }
        duckdb_string_t& text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[i];
        row.emplace_back(std::string(duckdb_string_t_data(&text), duckdb_string_t_length(text)));
      }
      rows.push_back(std::move(row));
    }
  }
}

std::string list_sql(lake::ObjectStore& store, std::span<const PromisedFile> files) {
  std::string list;
  for (const PromisedFile& file : files) {
    list += (list.empty() ? "" : ", ") + sql_literal(store.read_location(file.key));
  }
  return "[" + list + "]";
}

/// What a footer says, a row a file: name, rows, topic, partition, start, end, the least and the
/// greatest offset.
std::string footers_sql(const std::string& files) {
  const auto value_of = [](std::string_view key) {
    return fmt::format("max(decode(value)) FILTER (decode(key) = '{}')", key);
  };
  return fmt::format(
      "SELECT f.file_name, f.num_rows::VARCHAR, k.topic, k.partition, k.s, k.e, o.low, o.high "
      "FROM parquet_file_metadata({0}) f "
      "LEFT JOIN (SELECT file_name, {1} AS topic, {2} AS partition, {3} AS s, {4} AS e "
      "FROM parquet_kv_metadata({0}) GROUP BY 1) k ON k.file_name = f.file_name "
      "LEFT JOIN (SELECT file_name, min(TRY_CAST(stats_min_value AS BIGINT))::VARCHAR AS low, "
      "max(TRY_CAST(stats_max_value AS BIGINT))::VARCHAR AS high FROM parquet_metadata({0}) "
      "WHERE path_in_schema = '_offset' GROUP BY 1) o ON o.file_name = f.file_name",
      files, value_of("topic"), value_of("partition"), value_of("start"), value_of("end"));
}

Finding changed(const PromisedFile& file, std::string text) {
  return {FindingKind::kChanged, file.chain, file.start, file.end, file.key, std::move(text)};
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int64_t number_or(const std::optional<std::string>& text, int64_t otherwise) {
  return text ? std::stoll(*text) : otherwise;
}

std::optional<Finding> judge_rows(const PromisedFile& file, int64_t rows) {
  if (rows == file.rows) return std::nullopt;
  return changed(file, fmt::format("it has {} rows, its record promises {}", rows, file.rows));
}

std::optional<Finding> judge_range(const PromisedFile& file, const std::optional<std::string>& low,
                                   const std::optional<std::string>& high) {
  if (!low || !high) return std::nullopt;
  if (number_or(low, 0) >= file.start && number_or(high, 0) < file.end) return std::nullopt;
  return changed(file, fmt::format("it has offsets {} to {}, its record is about [{}, {})", *low,
                                   *high, file.start, file.end));
}

std::optional<Finding> judge_footer(const PromisedFile& file, const Row& footer) {
  const std::optional<std::string>& topic = footer[2];
  const std::optional<std::string>& partition = footer[3];
  if (!topic || !partition || !footer[4] || !footer[5]) {
    return changed(file, "its footer does not say whose rows it has: no sink wrote it");
  }
  if (*topic != file.chain.topic || *partition != std::to_string(file.chain.partition) ||
      *footer[4] != std::to_string(file.start) || *footer[5] != std::to_string(file.end)) {
    return changed(file, fmt::format("it is that of offsets [{}, {}) of {}/{}", *footer[4],
                                     *footer[5], *topic, *partition));
  }
  if (auto finding = judge_rows(file, number_or(footer[1], -1))) return finding;
  return judge_range(file, footer[6], footer[7]);
}

/// That a file does not read, unless it has gone since its chain was read.
base::Result<Finding> unreadable(lake::ObjectStore& store, const PromisedFile& file,
                                 const base::Error& error) {
  TICKLAKE_ASSIGN(const bool stands, store.exists(file.key));
  if (stands) return changed(file, "it cannot be read: " + first_line(error.cause));
  Finding finding = changed(file, "it went away while the lake was checked");
  finding.kind = FindingKind::kMissing;
  return finding;
}

base::Result<void> check_footers(Connection& connection, lake::ObjectStore& store,
                                 std::span<const PromisedFile> files,
                                 std::vector<Finding>& findings) {
  const auto footers = read_rows(connection, footers_sql(list_sql(store, files)));
  if (!footers && files.size() == 1) {
    TICKLAKE_ASSIGN(Finding finding, unreadable(store, files.front(), footers.error()));
    findings.push_back(std::move(finding));
    return {};
  }
  if (!footers) {
    // One that does not read takes the answer for all others with it.
    const size_t half = files.size() / 2;
    TICKLAKE_TRY(check_footers(connection, store, files.first(half), findings));
    return check_footers(connection, store, files.subspan(half), findings);
  }
  std::map<std::string, const Row*> by_name;
  for (const Row& footer : *footers)
    by_name.emplace(footer.front().value_or(""), &footer);
  for (const PromisedFile& file : files) {
    const auto footer = by_name.find(store.read_location(file.key));
    if (footer == by_name.end()) {
      findings.push_back(changed(file, "its footer was not found"));
    } else if (auto finding = judge_footer(file, *footer->second)) {
      findings.push_back(std::move(*finding));
    }
  }
  return {};
}

/// Rows, offsets that differ, the least and the greatest, rows of others.
std::string offsets_sql(lake::ObjectStore& store, std::span<const PromisedFile> files) {
  const PromisedFile& first = files.front();
  const std::string list = list_sql(store, files);
  const bool exploded = !first.array_index.empty();
  const std::string index = sql_identifier(first.array_index);
  const std::string place = exploded ? fmt::format("(_offset, {})", index) : "_offset";
  const std::string source =
      first.encoding == Encoding::kParquet
          ? fmt::format("read_parquet({}, hive_partitioning = false)", list)
          : fmt::format(
                "read_json({}, format = 'newline_delimited', hive_partitioning = false, "
                "columns = {{_topic: 'VARCHAR', _partition: 'INTEGER', _offset: "
                "'BIGINT'{}}})",
                list, exploded ? fmt::format(", {}: 'BIGINT'", index) : "");
  return fmt::format(
      "SELECT count(*)::VARCHAR, count(DISTINCT {})::VARCHAR, min(_offset)::VARCHAR, "
      "max(_offset)::VARCHAR, count(*) FILTER (_topic IS DISTINCT FROM {} OR _partition IS "
      "DISTINCT FROM {})::VARCHAR FROM {}",
      place, sql_literal(first.chain.topic), first.chain.partition, source);
}

/// One file's offsets; what it has is added to `distinct`.
base::Result<void> check_offsets(Connection& connection, lake::ObjectStore& store,
                                 const PromisedFile& file, std::vector<Finding>& findings) {
  const auto rows = read_rows(connection, offsets_sql(store, {&file, 1}));
  if (!rows) {
    TICKLAKE_ASSIGN(Finding finding, unreadable(store, file, rows.error()));
    findings.push_back(std::move(finding));
    return {};
  }
  const Row& row = rows->front();
  const int64_t count = number_or(row[0], 0);
  std::optional<Finding> finding = judge_rows(file, count);
  if (!finding) finding = judge_range(file, row[2], row[3]);
  if (!finding && number_or(row[4], 0) > 0) {
    finding = changed(file, *row[4] + " of its rows are of another partition");
  }
  if (!finding && number_or(row[1], 0) < count) {
    finding = changed(file, fmt::format("{} rows have {} offsets", count, *row[1]));
  }
  if (finding) findings.push_back(std::move(*finding));
  return {};
}

base::Result<void> check_record(Connection& connection, lake::ObjectStore& store,
                                std::span<const PromisedFile> files,
                                std::vector<Finding>& findings) {
  const size_t before = findings.size();
  for (const PromisedFile& file : files)
    TICKLAKE_TRY(check_offsets(connection, store, file, findings));
  // Where one of them is wrong alone, their sum says no more.
  if (files.size() == 1 || findings.size() > before) return {};
  TICKLAKE_ASSIGN(const auto rows, read_rows(connection, offsets_sql(store, files)));
  const int64_t twice = number_or(rows.front()[0], 0) - number_or(rows.front()[1], 0);
  if (twice == 0) return {};
  const PromisedFile& first = files.front();
  findings.push_back({FindingKind::kDuplicate, first.chain, first.start, first.end, "",
                      fmt::format("{} offsets of [{}, {}) are in two of the {} files of their "
                                  "record",
                                  twice, first.start, first.end, files.size())});
  return {};
}

}  // namespace

base::Result<std::vector<Finding>> check_files(Connection& connection, lake::ObjectStore& store,
                                               std::span<const PromisedFile> files,
                                               FileCheckDepth depth) {
  std::vector<Finding> findings;
  std::vector<PromisedFile> with_footers;
  for (const PromisedFile& file : files)
    if (file.encoding == Encoding::kParquet) with_footers.push_back(file);
  std::span<const PromisedFile> rest = with_footers;
  while (!rest.empty()) {
    const size_t count = std::min(rest.size(), kFilesAtOnce);
    TICKLAKE_TRY(check_footers(connection, store, rest.first(count), findings));
    rest = rest.subspan(count);
  }
  if (depth == FileCheckDepth::kFooters) return findings;
  for (size_t begin = 0; begin < files.size();) {
    size_t end = begin + 1;
    while (end < files.size() && files[end].chain == files[begin].chain &&
           files[end].start == files[begin].start) {
      ++end;
    }
    const auto of_record = files.subspan(begin, end - begin);
    begin = end;
    // What is wrong by its footer is named once.
    if (std::ranges::any_of(findings, [&](const Finding& finding) {
          return finding.chain == of_record.front().chain &&
                 finding.start == of_record.front().start;
        })) {
      continue;
    }
    TICKLAKE_TRY(check_record(connection, store, of_record, findings));
  }
  return findings;
}

}  // namespace ticklake::table
