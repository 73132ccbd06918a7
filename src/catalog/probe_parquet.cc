#include "catalog/probe_parquet.h"

#include <charconv>
#include <map>

#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

constexpr size_t kDepthMax = 64;
constexpr uint64_t kMemoryBytesMax = 128 << 20;

std::string decimal_of(const ParquetElement& element) {
  return "decimal(" + element.precision + "," + (element.scale.empty() ? "0" : element.scale) + ")";
}

HiveType integer_of(const ParquetElement& element) {
  const std::string& converted = element.converted_type;
  if (converted == "DATE") return HiveType::Kind::kDate;
  if (converted == "INT_8") return HiveType::named("tinyint");
  if (converted == "INT_16" || converted == "UINT_8") return HiveType::named("smallint");
  if (converted == "UINT_32") return HiveType::Kind::kBigint;
  return HiveType::Kind::kInt;
}

HiveType scalar_of(const ParquetElement& element) {
  using Kind = HiveType::Kind;
  const std::string& converted = element.converted_type;
  if (converted == "DECIMAL") return HiveType::named(decimal_of(element));
  if (element.type == "BOOLEAN") return Kind::kBoolean;
  if (element.type == "INT32") return integer_of(element);
  if (element.type == "INT64") {
    const bool is_time = converted.starts_with("TIMESTAMP") ||
                         element.logical_type.find("Timestamp") != std::string::npos;
    if (converted == "UINT_64") return HiveType::named("decimal(20,0)");
    return is_time ? Kind::kTimestamp : Kind::kBigint;
  }
  if (element.type == "INT96") return Kind::kTimestamp;
  if (element.type == "FLOAT") return HiveType::named("float");
  if (element.type == "DOUBLE") return Kind::kDouble;
  const bool is_text = converted == "UTF8" || converted == "ENUM" || converted == "JSON" ||
                       element.logical_type.find("String") != std::string::npos;
  return is_text ? HiveType(Kind::kString) : HiveType::named("binary");
}

/// Walks the tree that a footer's lines are.
class Walker {
 public:
  explicit Walker(std::span<const ParquetElement> elements) : elements_(elements) {}

  std::vector<HiveField> fields(size_t count, size_t depth) {
    std::vector<HiveField> fields;
    for (size_t i = 0; i < count && at_ < elements_.size(); ++i) {
      const std::string name = folded(elements_[at_].name);
      fields.push_back({name, type(depth)});
    }
    return fields;
  }
  void skip() { ++at_; }

 private:
  HiveType type(size_t depth) {
    const ParquetElement& element = elements_[at_++];
    if (element.children == 0) return scalar_of(element);
    if (depth > kDepthMax) return HiveType::Kind::kString;
    std::vector<HiveField> members = fields(element.children, depth + 1);
    const bool is_list = element.converted_type == "LIST";
    const bool is_map =
        element.converted_type == "MAP" || element.converted_type == "MAP_KEY_VALUE";
    if (members.size() == 1 && is_list) {
      // The element stands in a repeated group of one member, or in old files by itself.
      HiveType inner = std::move(members[0].type);
      const bool is_wrapped = inner.kind() == HiveType::Kind::kStruct && inner.fields().size() == 1;
      if (is_wrapped) inner = HiveType(inner.fields()[0].type);
      return HiveType::array(std::move(inner));
    }
    if (members.size() == 1 && is_map && members[0].type.fields().size() == 2) {
      const std::vector<HiveField> pair = members[0].type.fields();
      return HiveType::map(pair[0].type, pair[1].type);
    }
    return HiveType::structure(std::move(members));
  }

  const std::span<const ParquetElement> elements_;
  size_t at_ = 0;
};

std::string text_of(duckdb_vector vector, idx_t row) {
  const uint64_t* const validity = ::duckdb_vector_get_validity(vector);
  if (validity != nullptr &&
      !::duckdb_validity_row_is_valid(const_cast<uint64_t*>(validity), row)) {
    return {};
  }
  auto* const strings = static_cast<duckdb_string_t*>(::duckdb_vector_get_data(vector));
  return {::duckdb_string_t_data(&strings[row]), ::duckdb_string_t_length(strings[row])};
}

uint64_t number_of(const std::string& text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// All rows, whose columns are texts.
base::Result<std::vector<std::vector<std::string>>> texts(table::Connection& connection,
                                                          const std::string& sql) {
  TICKLAKE_ASSIGN(table::QueryResult result, connection.query(sql));
  std::vector<std::vector<std::string>> rows;
  while (true) {
    TICKLAKE_ASSIGN(const auto chunk, result.next_chunk());
    if (!chunk) return rows;
    for (size_t row = 0; row < chunk.rows(); ++row) {
      auto& cells = rows.emplace_back();
      for (size_t column = 0; column < result.column_count(); ++column)
        cells.push_back(text_of(chunk.vector(column), row));
    }
  }
}

}  // namespace

std::vector<HiveField> parquet_fields(std::span<const ParquetElement> elements) {
  if (elements.empty()) return {};
  Walker walker(elements);
  walker.skip();
  return walker.fields(elements[0].children, 0);
}

base::Result<ParquetProbe> ParquetProbe::open() {
  // By one thread rows come in the order of files and schemas.
  TICKLAKE_ASSIGN(auto database,
                  table::Database::open({.memory_bytes_max = kMemoryBytesMax, .threads = 1}));
  TICKLAKE_ASSIGN(auto connection, database.connect());
  return ParquetProbe(std::move(database), std::move(connection));
}

base::Result<std::vector<FileProbe>> ParquetProbe::probe_all(std::span<const base::Path> files) {
  std::string list = "[";
  std::map<std::string, size_t> indexes;
  for (size_t i = 0; i < files.size(); ++i) {
    // Brackets and stars are no pattern here.
    std::string pattern;
    for (const char c : files[i].string()) {
      const bool is_special = c == '*' || c == '?' || c == '[';
      pattern += is_special ? std::string("[") + c + "]" : std::string(1, c);
    }
    list += (i == 0 ? "" : ",") + table::sql_literal(pattern);
    indexes.emplace(files[i].string(), i);
  }
  list += "]";
  TICKLAKE_ASSIGN(const auto lines,
                  texts(connection_,
                        "SELECT file_name, name, type, CAST(num_children AS VARCHAR),"
                        " CAST(converted_type AS VARCHAR), CAST(logical_type AS VARCHAR),"
                        " CAST(precision AS VARCHAR), CAST(scale AS VARCHAR)"
                        " FROM parquet_schema(" +
                            list + ")"));
  std::vector<std::vector<ParquetElement>> elements(files.size());
  for (const auto& line : lines) {
    const auto found = indexes.find(line[0]);
    if (found == indexes.end()) continue;
    elements[found->second].push_back(
        {line[1], line[2], number_of(line[3]), line[4], line[5], line[6], line[7]});
  }
  TICKLAKE_ASSIGN(const auto counts, texts(connection_,
                                           "SELECT file_name, CAST(num_rows AS VARCHAR)"
                                           " FROM parquet_file_metadata(" +
                                               list + ")"));
  std::vector<FileProbe> probes(files.size());
  for (const auto& count : counts) {
    const auto found = indexes.find(count[0]);
    if (found != indexes.end()) probes[found->second].records = number_of(count[1]);
  }
  for (size_t i = 0; i < files.size(); ++i) {
    probes[i].kind.format = FileFormat::kParquet;
    probes[i].fields = parquet_fields(elements[i]);
  }
  return probes;
}

std::vector<FileProbe> ParquetProbe::probe(std::span<const base::Path> files) {
  if (auto probes = probe_all(files)) return std::move(*probes);
  // One that does not read stops all of its statement.
  std::vector<FileProbe> probes;
  for (const base::Path& file : files) {
    auto one = probe_all({&file, 1});
    if (one) {
      probes.push_back(std::move(one->front()));
    } else {
      FileProbe& failed = probes.emplace_back();
      failed.problem = "its Parquet footer does not read: " + base::to_line(one.error());
    }
  }
  return probes;
}

}  // namespace ticklake::catalog
