#include "lake/schema.h"

#include <algorithm>
#include <array>

namespace ticklake::lake {
namespace {

constexpr std::array<std::string_view, 8> kOurNames = {
    "_topic",       "_partition",    "_offset",       "_event_time",
    "_append_time", "_visible_time", "_durable_time", "dt"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string column_name_for(std::string_view key, const Schema& schema) {
  std::string name(key.empty() ? "column" : key);
  const auto is_taken = [&] {
    return std::ranges::any_of(kOurNames, [&](auto ours) { return same_name(ours, name); }) ||
           std::ranges::any_of(schema.columns,
                               [&](const Column& column) { return same_name(column.name, name); });
  };
  while (is_taken())
    name += '_';
  return name;
}

Schema declared_schema(const market::TableSpec& spec) {
  Schema schema;
  for (const market::DeclaredColumn& column : spec.columns) {
    ColumnType type = column.type;
    // There is no value yet for which it would not hold.
    type.digits = market::has_digits(type) ? market::Digits::kFew : market::Digits::kUnknown;
    schema.columns.push_back({column.name, column_name_for(column.name, schema), type, true});
  }
  schema.event_time = spec.event_time;
  schema.symbol = spec.symbol;
  return schema;
}

const Column* find_column(const Schema& schema, std::string_view key) {
  const auto found = std::ranges::find(schema.columns, key, &Column::key);
  return found == schema.columns.end() ? nullptr : &*found;
}

void merge_schema(Schema& schema, const Schema& other) {
  if (schema.event_time.empty()) schema.event_time = other.event_time;
  if (schema.symbol.empty()) schema.symbol = other.symbol;
  for (const Column& column : other.columns) {
    const auto found = std::ranges::find(schema.columns, column.key, &Column::key);
    if (found == schema.columns.end()) {
      if (schema.columns.size() == kColumnsMax) return;
      Column added = column;
      added.name = column_name_for(column.name, schema);
      schema.columns.push_back(std::move(added));
    } else if (!found->is_declared || column.is_declared) {
      found->type = wider_type(found->type, column.type);
      found->is_declared = found->is_declared || column.is_declared;
    }
  }
}

}  // namespace ticklake::lake
