#include "query/executions/create_table_text.h"

namespace ticklake::query::executions {
namespace {

constexpr std::string_view kParquetSerde =
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("\\'") : std::string(1, c);
  return out + "'";
}

/// A name of Hive's, which may hold a backquote twice.
std::string quoted_name(const std::string& name) {
  std::string out = "`";
  for (const char c : name)
    out += c == '`' ? std::string("``") : std::string(1, c);
  return out + "`";
}

void add_columns(const std::vector<catalog::Column>& columns, std::vector<std::string>& lines) {
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string comment =
        columns[i].comment.empty() ? "" : " COMMENT " + quoted(columns[i].comment);
    lines.push_back("  " + quoted_name(columns[i].name) + " " + columns[i].type + comment +
                    (i + 1 < columns.size() ? ", " : ")"));
  }
}

void add_properties(const catalog::Parameters& properties, std::vector<std::string>& lines,
                    const std::string& end) {
  size_t left = properties.size();
  for (const auto& [name, value] : properties)
    lines.push_back("  " + quoted(name) + "=" + quoted(value) + (--left > 0 ? ", " : end));
}

void add_format(const catalog::StorageDescriptor& storage, std::vector<std::string>& lines) {
  if (storage.serde.library == kParquetSerde) {
    lines.emplace_back("STORED AS PARQUET");
    return;
  }
  lines.push_back("ROW FORMAT SERDE " + quoted(storage.serde.library));
  if (!storage.serde.parameters.empty()) {
    lines.emplace_back("WITH SERDEPROPERTIES (");
    add_properties(storage.serde.parameters, lines, ")");
  }
  lines.push_back("STORED AS INPUTFORMAT " + quoted(storage.input_format));
  lines.push_back("OUTPUTFORMAT " + quoted(storage.output_format));
}

}  // namespace

std::vector<std::string> create_table_lines(const catalog::Table& table) {
  std::vector<std::string> lines{"CREATE EXTERNAL TABLE `" + table.name + "`("};
  const auto storage = table.storage.value_or(catalog::StorageDescriptor{});
  add_columns(storage.columns, lines);
  if (!table.description.empty()) lines.push_back("COMMENT " + quoted(table.description));
  if (!table.partition_keys.empty()) {
    lines.emplace_back("PARTITIONED BY ( ");
    add_columns(table.partition_keys, lines);
  }
  if (!storage.serde.library.empty()) {
    lines.emplace_back("ROW FORMAT SERDE ");
    lines.push_back("  " + quoted(storage.serde.library) + " ");
  }
  if (!storage.serde.parameters.empty()) {
    lines.emplace_back("WITH SERDEPROPERTIES ( ");
    add_properties(storage.serde.parameters, lines, ") ");
  }
  lines.emplace_back("STORED AS INPUTFORMAT ");
  lines.push_back("  " + quoted(storage.input_format) + " ");
  lines.emplace_back("OUTPUTFORMAT ");
  lines.push_back("  " + quoted(storage.output_format));
  lines.emplace_back("LOCATION");
  lines.push_back("  " + quoted(storage.location));
  if (!table.parameters.empty()) {
    lines.emplace_back("TBLPROPERTIES (");
    add_properties(table.parameters, lines, ")");
  }
  return lines;
}

std::string create_external_table_sql(const catalog::Table& table) {
  const auto storage = table.storage.value_or(catalog::StorageDescriptor{});
  const std::string name =
      (table.database.empty() ? "" : quoted_name(table.database) + ".") + quoted_name(table.name);
  std::vector<std::string> lines{"CREATE EXTERNAL TABLE IF NOT EXISTS " + name + " ("};
  add_columns(storage.columns, lines);
  if (!table.partition_keys.empty()) {
    lines.emplace_back("PARTITIONED BY (");
    add_columns(table.partition_keys, lines);
  }
  add_format(storage, lines);
  lines.push_back("LOCATION " + quoted(storage.location));
  if (!table.parameters.empty()) {
    lines.emplace_back("TBLPROPERTIES (");
    add_properties(table.parameters, lines, ")");
  }
  std::string text;
  for (std::string& line : lines) {
    while (line.ends_with(' '))
      line.pop_back();
    text += (text.empty() ? "" : "\n") + line;
  }
  return text + ";\n";
}

}  // namespace ticklake::query::executions
