#include "table/schema_inference.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "market/number_text.h"
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

/// Whether the column takes the value as it is, though the value's own type is another one.
bool takes(const Column& column, const Classified& value) {
  if (value.type == ColumnType::kOpen || column.type == ColumnType::kVarchar) return true;
  if (column.type != ColumnType::kDecimal) return false;
  const bool is_number = value.type == ColumnType::kBigint || value.type == ColumnType::kDouble ||
                         value.type == ColumnType::kDecimal;
  return is_number && market::to_scaled(market::parse_number(value.raw), column.type);
}

/// How a value is named to people: its text, if that is short.
std::string shown(const Classified& value) {
  constexpr size_t kShownMax = 40;
  return std::string(value.raw.substr(0, kShownMax)) + (value.raw.size() > kShownMax ? "…" : "");
}

std::optional<NoRow> widen_column(Column& column, const Classified& value, const Growth& growth) {
  if (takes(column, value)) return std::nullopt;
  const ColumnType wider = market::wider_type(column.type, value.type);
  if (wider == column.type) return std::nullopt;
  const Column* const in_files =
      growth.in_files == nullptr ? nullptr : lake::find_column(*growth.in_files, column.key);
  const bool has_files = in_files != nullptr && in_files->type != ColumnType::kOpen;
  const bool loses_kind = wider == ColumnType::kVarchar && has_files;
  const bool may_digits_grow = column.type.same_storage(wider);
  const bool is_misfit = loses_kind || (column.is_declared && !may_digits_grow);
  if (is_misfit && growth.misfits != Misfits::kText) {
    return NoRow{fmt::format("{} does not fit the column {} of type {}", shown(value), column.name,
                             lake::type_name(column.type)),
                 true};
  }
  column.type = wider;
  return std::nullopt;
}

std::optional<NoRow> widen_member(JsonReader& reader, simdjson::ondemand::field& field,
                                  Schema& schema, const Growth& growth) {
  std::string_view unescaped;
  if (const auto error = field.unescaped_key().get(unescaped)) return NoRow{rejection_text(error)};
  if (auto problem = key_problem(unescaped)) return NoRow{std::move(*problem)};
  Classified value;
  if (const auto error = classify(reader, field.value()).get(value)) {
    return NoRow{rejection_text(error, unescaped)};
  }
  const auto found = std::ranges::find(schema.columns, unescaped, &Column::key);
  if (found != schema.columns.end()) return widen_column(*found, value, growth);
  if (schema.columns.size() == lake::kColumnsMax) {
    return NoRow{fmt::format("the key \"{}\" would be one column too many: the table has {}",
                             unescaped, lake::kColumnsMax)};
  }
  schema.columns.push_back(
      {std::string(unescaped), lake::column_name_for(unescaped, schema), value.type});
  return std::nullopt;
}

}  // namespace

std::optional<NoRow> widen_schema(JsonReader& reader, std::string_view text, Schema& schema,
                                  const Growth& growth) {
  simdjson::ondemand::object object;
  if (const auto error = reader.begin(text).get(object)) return NoRow{rejection_text(error)};
  Schema wider = schema;
  for (auto member : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(member).get(field)) return NoRow{rejection_text(error)};
    if (auto problem = widen_member(reader, field, wider, growth)) return problem;
  }
  if (const auto error = reader.finish()) return NoRow{rejection_text(error)};
  if (!(wider == schema)) {
    schema = std::move(wider);
    ++schema.version;
  }
  return std::nullopt;
}

std::optional<size_t> event_time_column(const Schema& schema) {
  const auto is_time = [](const Column& column) {
    return column.type == ColumnType::kTimestamp || column.type == ColumnType::kTimestampNs ||
           column.type == ColumnType::kDate;
  };
  if (!schema.event_time.empty()) {
    const Column* const declared = lake::find_column(schema, schema.event_time);
    if (declared == nullptr || !is_time(*declared)) return std::nullopt;
    return declared - schema.columns.data();
  }
  for (const std::string_view name : kEventTimeNames) {
    for (size_t i = 0; i < schema.columns.size(); ++i) {
      const Column& column = schema.columns[i];
      if (is_time(column) && lake::same_name(column.name, name)) return i;
    }
  }
  return std::nullopt;
}

std::optional<size_t> symbol_column(const Schema& schema) {
  if (!schema.symbol.empty()) {
    const Column* const declared = lake::find_column(schema, schema.symbol);
    if (declared == nullptr || declared->type == ColumnType::kOpen) return std::nullopt;
    return declared - schema.columns.data();
  }
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    if (column.type == ColumnType::kVarchar && lake::same_name(column.name, "symbol")) return i;
  }
  return std::nullopt;
}

bool only_adds_columns(const Schema& from, const Schema& to) {
  if (from.columns.size() > to.columns.size()) return false;
  const auto same = [](const Column& a, const Column& b) {
    return a.key == b.key && a.name == b.name && a.type.same_storage(b.type);
  };
  if (!std::equal(from.columns.begin(), from.columns.end(), to.columns.begin(), same)) return false;
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
