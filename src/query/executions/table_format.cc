#include "query/executions/table_format.h"

#include <algorithm>
#include <charconv>

#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using Kind = TableFormat::Kind;

std::string parameter(const catalog::Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

/// A delimiter as Hive has it: a character, or its code in decimal.
std::string character(const std::string& text, std::string otherwise) {
  if (text.empty()) return otherwise;
  unsigned code = 0;
  const char* const end = text.data() + text.size();
  if (text.size() > 1 && std::from_chars(text.data(), end, code).ptr == end && code < 128) {
    return std::string(1, static_cast<char>(code));
  }
  if (text == "\\t") return "\t";
  return text;
}

uint64_t number(const std::string& text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

tl::unexpected<AthenaError> unsupported(const catalog::Table& table, const std::string& what) {
  return tl::unexpected(AthenaError{"NOT_SUPPORTED", "Table " + table.database + "." + table.name +
                                                         " is stored as " + what +
                                                         ", which cannot be read here"});
}

std::optional<Kind> kind_of(const std::string& serde, const std::string& input,
                            const std::string& classification) {
  if (serde.find("parquet") != std::string::npos) return Kind::kParquet;
  if (serde.find("json") != std::string::npos) return Kind::kJson;
  if (serde.find("opencsv") != std::string::npos) return Kind::kDelimited;
  if (serde.find("lazysimple") != std::string::npos) return Kind::kDelimited;
  if (!serde.empty()) return std::nullopt;
  if (input.find("parquet") != std::string::npos || classification == "parquet") {
    return Kind::kParquet;
  }
  if (classification == "json") return Kind::kJson;
  if (classification == "csv" || input.find("textinputformat") != std::string::npos) {
    return Kind::kDelimited;
  }
  return std::nullopt;
}

}  // namespace

athena::Result<TableFormat> table_format(const catalog::Table& table,
                                         const catalog::StorageDescriptor& storage) {
  const std::string table_type = to_lower(parameter(table.parameters, "table_type"));
  if (table_type == "iceberg") return unsupported(table, "an Iceberg table");
  const std::string serde = to_lower(storage.serde.library);
  const std::string input = to_lower(storage.input_format);
  const auto kind = kind_of(serde, input, to_lower(parameter(table.parameters, "classification")));
  if (!kind) {
    return unsupported(
        table, storage.serde.library.empty() ? storage.input_format : storage.serde.library);
  }
  TableFormat format{.kind = *kind};
  const catalog::Parameters& options = storage.serde.parameters;
  format.skips_malformed = to_lower(parameter(options, "ignore.malformed.json")) == "true";
  if (*kind != Kind::kDelimited) return format;

  format.is_quoted = serde.find("opencsv") != std::string::npos;
  if (format.is_quoted) {
    format.delimiter = character(parameter(options, "separatorChar"), ",");
    format.quote = character(parameter(options, "quoteChar"), "\"");
    format.escape = character(parameter(options, "escapeChar"), "\\");
    format.null_text.clear();
  } else {
    const std::string delimiter = parameter(options, "field.delim");
    format.delimiter = character(
        delimiter.empty() ? parameter(options, "serialization.format") : delimiter, "\x01");
    format.escape = character(parameter(options, "escape.delim"), "");
    format.quote.clear();
    const std::string null_text = parameter(options, "serialization.null.format");
    if (!null_text.empty()) format.null_text = null_text;
  }
  for (const catalog::Parameters* parameters : {&table.parameters, &storage.parameters, &options}) {
    format.skipped_lines =
        std::max(format.skipped_lines, number(parameter(*parameters, "skip.header.line.count")));
  }
  return format;
}

}  // namespace ticklake::query::executions
