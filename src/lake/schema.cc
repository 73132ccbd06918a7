#include "lake/schema.h"

#include <algorithm>
#include <array>

namespace ticklake::lake {
namespace {

constexpr std::array<std::string_view, 7> kTypeNames = {"OPEN", "BOOLEAN",   "BIGINT", "DOUBLE",
                                                        "DATE", "TIMESTAMP", "VARCHAR"};

constexpr std::array<std::string_view, 8> kOurNames = {
    "_topic",       "_partition",    "_offset",       "_event_time",
    "_append_time", "_visible_time", "_durable_time", "dt"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view type_name(ColumnType type) { return kTypeNames[static_cast<size_t>(type)]; }

std::optional<ColumnType> parse_type_name(std::string_view name) {
  const auto found = std::ranges::find(kTypeNames, name);
  if (found == kTypeNames.end()) return std::nullopt;
  return static_cast<ColumnType>(found - kTypeNames.begin());
}

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

}  // namespace ticklake::lake
