#include "table/schema_inference.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "table/json_object.h"

namespace ticklake::table {
namespace {

using lake::Column;
using lake::ColumnType;
using lake::Schema;

constexpr std::array<std::string_view, 6> kEventTimeNames = {"event_time", "timestamp", "time",
                                                             "ts",         "datetime",  "date"};

std::optional<std::string> key_problem(std::string_view key) {
  if (key.size() > lake::kKeyBytesMax) {
    return fmt::format("a key has {} bytes, at most {} can be a column", key.size(),
                       lake::kKeyBytesMax);
  }
  if (key.find('\0') != std::string_view::npos) return "a key holds the character U+0000";
  return std::nullopt;
}

std::optional<std::string> widen_member(JsonReader& reader, simdjson::ondemand::field& field,
                                        Schema& schema) {
  std::string_view unescaped;
  if (const auto error = field.unescaped_key().get(unescaped)) return rejection_text(error);
  if (auto problem = key_problem(unescaped)) return problem;
  Classified value;
  if (const auto error = classify(reader, field.value()).get(value)) {
    return rejection_text(error, unescaped);
  }
  const auto found = std::ranges::find(schema.columns, unescaped, &Column::key);
  if (found != schema.columns.end()) {
    found->type = wider_type(found->type, value.type);
    return std::nullopt;
  }
  if (schema.columns.size() == lake::kColumnsMax) {
    return fmt::format("the key \"{}\" would be one column too many: the table has {}", unescaped,
                       lake::kColumnsMax);
  }
  schema.columns.push_back(
      {std::string(unescaped), lake::column_name_for(unescaped, schema), value.type});
  return std::nullopt;
}

}  // namespace

ColumnType wider_type(ColumnType a, ColumnType b) {
  if (a == b || b == ColumnType::kOpen) return a;
  if (a == ColumnType::kOpen) return b;
  const auto is_number = [](ColumnType type) {
    return type == ColumnType::kBigint || type == ColumnType::kDouble;
  };
  return is_number(a) && is_number(b) ? ColumnType::kDouble : ColumnType::kVarchar;
}

std::optional<std::string> widen_schema(JsonReader& reader, std::string_view text, Schema& schema) {
  simdjson::ondemand::object object;
  if (const auto error = reader.begin(text).get(object)) return rejection_text(error);
  Schema wider = schema;
  for (auto member : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(member).get(field)) return rejection_text(error);
    if (auto problem = widen_member(reader, field, wider)) return problem;
  }
  if (const auto error = reader.finish()) return rejection_text(error);
  if (!(wider == schema)) {
    schema = std::move(wider);
    ++schema.version;
  }
  return std::nullopt;
}

std::optional<size_t> event_time_column(const Schema& schema) {
  for (const std::string_view name : kEventTimeNames) {
    for (size_t i = 0; i < schema.columns.size(); ++i) {
      const Column& column = schema.columns[i];
      const bool is_time =
          column.type == ColumnType::kTimestamp || column.type == ColumnType::kDate;
      if (is_time && lake::same_name(column.name, name)) return i;
    }
  }
  return std::nullopt;
}

std::optional<size_t> symbol_column(const Schema& schema) {
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    if (column.type == ColumnType::kVarchar && lake::same_name(column.name, "symbol")) return i;
  }
  return std::nullopt;
}

bool only_adds_columns(const Schema& from, const Schema& to) {
  if (from.columns.size() > to.columns.size()) return false;
  if (!std::equal(from.columns.begin(), from.columns.end(), to.columns.begin())) return false;
  return event_time_column(from) == event_time_column(to);
}

std::string rejection_text(int simdjson_error, std::string_view key) {
  const auto error = static_cast<simdjson::error_code>(simdjson_error);
  std::string reason;
  switch (error) {
    case simdjson::INCORRECT_TYPE: reason = "it is not a JSON object"; break;
    case simdjson::EMPTY: reason = "it is empty"; break;
    case simdjson::UTF8_ERROR: reason = "it is not valid UTF-8"; break;
    case simdjson::DEPTH_ERROR:
      reason = fmt::format("it is nested more than {} levels deep", kJsonDepthMax);
      break;
    case simdjson::NUMBER_ERROR: reason = "a number cannot be read or is out of range"; break;
    default: reason = fmt::format("it is not valid JSON ({})", simdjson::error_message(error));
  }
  return key.empty() ? reason : fmt::format("{}, at the key \"{}\"", reason, key);
}

}  // namespace ticklake::table
