#include "query/executions/table_relation.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "aws/percent_encoding.h"
#include "query/executions/hive_type.h"
#include "query/sql_token.h"
#include "table/database.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using table::sql_identifier;
using table::sql_literal;
using Kind = TableFormat::Kind;

constexpr std::string_view kNullPartition = "__HIVE_DEFAULT_PARTITION__";
/// Files that are looked into for the spelling of their keys.
constexpr size_t kSampleFiles = 12;

struct TypedColumn {
  std::string name;
  HiveType type;
};

athena::Result<std::vector<TypedColumn>> typed(const catalog::Table& table,
                                               const std::vector<catalog::Column>& columns) {
  std::vector<TypedColumn> out;
  for (const catalog::Column& column : columns) {
    auto type = parse_hive_type(column.type);
    if (!type) {
      return tl::unexpected(AthenaError{"NOT_SUPPORTED", "Column " + column.name + " of table " +
                                                             table.database + "." + table.name +
                                                             " has the type '" + column.type +
                                                             "', which cannot be read here"});
    }
    out.push_back({to_lower(column.name), std::move(*type)});
  }
  return out;
}

/// One scan: files of one format, whose partition values are in their paths or constants.
struct Scan {
  TableFormat format;
  std::vector<base::Path> files;
  uint64_t bytes = 0;
  bool has_values_in_paths = false;
  std::vector<std::string> values;  ///< otherwise
};

std::string path_list(const std::vector<base::Path>& files) {
  std::string list = "[";
  for (const base::Path& file : files)
    list.append(list.size() > 1 ? ", " : "").append(sql_literal(file.string()));
  return list + "]";
}

/// What stands in the place of a file whose name has one of a glob's characters.
bool is_glob(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

class Builder {
 public:
  Builder(std::vector<TypedColumn> columns, std::vector<TypedColumn> keys,
          const JsonStructure& structure)
      : columns_(std::move(columns)), keys_(std::move(keys)), structure_(structure) {}

  std::string query(const Scan& scan) {
    std::string items;
    std::string source;
    switch (scan.format.kind) {
      case Kind::kParquet: source = parquet(scan, items); break;
      case Kind::kJson: source = json(scan, items); break;
      case Kind::kDelimited: source = delimited(scan, items); break;
    }
    for (size_t i = 0; i < keys_.size(); ++i) {
      const std::string name = sql_identifier(keys_[i].name);
      std::string value = name;
      if (!scan.has_values_in_paths) {
        value = scan.values[i] == kNullPartition ? "NULL" : sql_literal(scan.values[i]);
      }
      items += (items.empty() ? "CAST(" : ", CAST(") + value + " AS " + to_duckdb(keys_[i].type) +
               ") AS " + name;
    }
    return "SELECT " + items + " FROM " + source;
  }

  /// The same without a file: a table that has none is empty.
  std::string empty_query() const {
    std::string items;
    for (const std::vector<TypedColumn>* list : {&columns_, &keys_}) {
      for (const TypedColumn& column : *list) {
        items += (items.empty() ? "" : ", ") +
                 ("CAST(NULL AS " + to_duckdb(column.type) + ") AS " + sql_identifier(column.name));
      }
    }
    return "SELECT " + items + " WHERE false";
  }

 private:
  std::string hive(const Scan& scan) const {
    if (!scan.has_values_in_paths || keys_.empty()) return "hive_partitioning = false";
    std::string types;
    for (const TypedColumn& key : keys_)
      types += (types.empty() ? "" : ", ") + sql_literal(key.name) + ": " + to_duckdb(key.type);
    return "hive_partitioning = true, hive_types = {" + types + "}";
  }

  static void add_item(std::string& items, const std::string& item) {
    items += (items.empty() ? "" : ", ") + item;
  }
  void cast_items(std::string& items) const {
    for (const TypedColumn& column : columns_) {
      const std::string name = sql_identifier(column.name);
      add_item(items, "CAST(" + name + " AS " + to_duckdb(column.type) + ") AS " + name);
    }
  }

  /// Beside a row of the declared columns that is not there, so that files may lack some of them.
  std::string parquet(const Scan& scan, std::string& items) {
    cast_items(items);
    std::string declared;
    for (const TypedColumn& column : columns_)
      add_item(declared, "NULL::" + to_duckdb(column.type) + " AS " + sql_identifier(column.name));
    std::string files =
        "read_parquet(" + path_list(scan.files) + ", union_by_name = true, " + hive(scan) + ")";
    if (declared.empty()) return files;
    return "(SELECT " + declared + " WHERE false UNION ALL BY NAME SELECT * FROM " + files + ")";
  }

  std::string json(const Scan& scan, std::string& items) {
    const auto structure = nlohmann::json::parse(structure_(sample(scan.files)), nullptr, false);
    std::string columns;
    for (const TypedColumn& column : columns_) {
      const std::string key = spelled(structure, column.name);
      const auto inner =
          structure.is_object() && structure.contains(key) ? structure[key] : nlohmann::json();
      const HiveType type = spelled_type(inner, column.type);
      add_item(columns, sql_literal(key) + ": " + sql_literal(to_duckdb(type)));
      add_item(items, "CAST(" + sql_identifier(key) + " AS " + to_duckdb(column.type) + ") AS " +
                          sql_identifier(column.name));
    }
    if (columns.empty()) columns = "'_': 'VARCHAR'";
    return "read_json(" + path_list(scan.files) + ", format = 'auto', columns = {" + columns +
           "}, ignore_errors = " + (scan.format.skips_malformed ? "true, " : "false, ") +
           hive(scan) + ")";
  }

  /// Text in the order of the columns; what is no value of its column's type is NULL, as in Hive.
  std::string delimited(const Scan& scan, std::string& items) {
    const TableFormat& format = scan.format;
    std::string columns;
    for (const TypedColumn& column : columns_) {
      const std::string name = sql_identifier(column.name);
      add_item(columns, sql_literal(column.name) + ": 'VARCHAR'");
      if (column.type.kind == HiveType::Kind::kString) {
        add_item(items, name);
      } else {
        add_item(items, "TRY_CAST(nullif(trim(" + name + "), '') AS " + to_duckdb(column.type) +
                            ") AS " + name);
      }
    }
    if (columns.empty()) columns = "'_': 'VARCHAR'";
    return "read_csv(" + path_list(scan.files) +
           ", auto_detect = false, header = false, null_padding = true, strict_mode = false, "
           "skip = " +
           std::to_string(format.skipped_lines) + ", delim = " + sql_literal(format.delimiter) +
           ", quote = " + sql_literal(format.quote) +
           ", escape = " + sql_literal(format.is_quoted ? format.escape : std::string()) +
           ", nullstr = " + sql_literal(null_text(format)) + ", columns = {" + columns + "}, " +
           hive(scan) + ")";
  }

  /// Never the empty text, which is a value; DuckDB refuses one that holds the escape character.
  static std::string null_text(const TableFormat& format) {
    return format.is_quoted ? "\x02" : format.null_text;
  }

  static std::vector<base::Path> sample(const std::vector<base::Path>& files) {
    std::vector<base::Path> chosen;
    const size_t step = std::max<size_t>(1, files.size() / kSampleFiles);
    for (size_t i = 0; i < files.size(); i += step)
      chosen.push_back(files[i]);
    return chosen;
  }

  /// How a key is spelled in the files, where the catalog has it in lower case.
  static std::string spelled(const nlohmann::json& structure, const std::string& name) {
    if (!structure.is_object() || structure.contains(name)) return name;
    for (const auto& member : structure.items()) {
      if (to_lower(member.key()) == name) return member.key();
    }
    return name;
  }
  static HiveType spelled_type(const nlohmann::json& structure, const HiveType& type) {
    HiveType out = type;
    if (type.kind == HiveType::Kind::kArray && structure.is_array() && !structure.empty()) {
      out.parts[0] = spelled_type(structure[0], type.parts[0]);
    }
    if (type.kind != HiveType::Kind::kStruct || !structure.is_object()) return out;
    for (size_t i = 0; i < out.names.size(); ++i) {
      out.names[i] = spelled(structure, type.names[i]);
      if (structure.contains(out.names[i])) {
        out.parts[i] = spelled_type(structure[out.names[i]], type.parts[i]);
      }
    }
    return out;
  }

  const std::vector<TypedColumn> columns_;
  const std::vector<TypedColumn> keys_;
  const JsonStructure& structure_;
};

/// `…/dt=2026-01-01/…` for each key and value, below the table's location.
bool has_values_in_path(const catalog::Table& table, const FileSet& set, const TableFile& file) {
  for (size_t i = 0; i < table.partition_keys.size() && i < set.values.size(); ++i) {
    const std::string mark = "/" + to_lower(table.partition_keys[i].name) + "=";
    const std::string& path = file.path;
    const size_t at = path.rfind(mark);
    // Another one in front of it would be what DuckDB takes.
    if (at == std::string::npos || path.find(mark) != at) return false;
    const size_t begin = at + mark.size();
    const size_t end = path.find('/', begin);
    if (end == std::string::npos) return false;
    const auto value = aws::percent_decoded(path.substr(begin, end - begin));
    if (!value || *value != set.values[i]) return false;
  }
  return true;
}

athena::Result<std::vector<Scan>> scans_of(const catalog::Table& table,
                                           const std::vector<FileSet>& sets) {
  std::vector<Scan> scans;
  size_t plain = 0;
  for (const FileSet& set : sets) {
    if (set.files.empty()) continue;
    TICKLAKE_ASSIGN(const TableFormat format, table_format(table, set.storage));
    const bool in_paths =
        table.partition_keys.empty() || std::ranges::all_of(set.files, [&](const TableFile& file) {
          return has_values_in_path(table, set, file);
        });
    auto scan = std::ranges::find_if(scans, [&](const Scan& other) {
      return other.format == format && in_paths && other.has_values_in_paths;
    });
    if (!in_paths || scan == scans.end()) {
      scans.push_back({format, {}, 0, in_paths, set.values});
      scan = scans.end() - 1;
      if (!in_paths && ++plain > kPlainPartitionsMax) {
        return tl::unexpected(
            AthenaError{"NOT_SUPPORTED", "more than " + std::to_string(kPlainPartitionsMax) +
                                             " partitions of " + table.database + "." + table.name +
                                             " in folders that are not called key=value"});
      }
    }
    for (const TableFile& file : set.files) {
      if (is_glob(file.path)) {
        return tl::unexpected(AthenaError{
            "NOT_SUPPORTED", "the key '" + file.key + "' has one of the characters * ? ["});
      }
      scan->files.emplace_back(file.path);
      scan->bytes += file.bytes;
    }
  }
  return scans;
}

}  // namespace

athena::Result<TableRelation> table_relation(const catalog::Table& table,
                                             const std::vector<FileSet>& sets,
                                             const JsonStructure& structure) {
  TICKLAKE_ASSIGN(
      std::vector<TypedColumn> columns,
      typed(table, table.storage ? table.storage->columns : std::vector<catalog::Column>{}));
  TICKLAKE_ASSIGN(std::vector<TypedColumn> keys, typed(table, table.partition_keys));
  TICKLAKE_ASSIGN(std::vector<Scan> scans, scans_of(table, sets));
  if (columns.empty() && keys.empty()) {
    return tl::unexpected(AthenaError{
        "GENERIC_USER_ERROR", "Table " + table.database + "." + table.name + " has no columns"});
  }
  Builder builder(std::move(columns), std::move(keys), structure);
  TableRelation relation;
  for (Scan& scan : scans) {
    relation.query += (relation.query.empty() ? "" : " UNION ALL ") + builder.query(scan);
    relation.sources.push_back({scan.format.kind, scan.bytes, std::move(scan.files)});
  }
  if (relation.query.empty()) relation.query = builder.empty_query();
  return relation;
}

}  // namespace ticklake::query::executions
