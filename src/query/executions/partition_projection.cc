#include "query/executions/partition_projection.h"

#include <algorithm>

#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;

constexpr const char* kEnabled = "projection.enabled";
constexpr const char* kTemplate = "storage.location.template";

tl::unexpected<AthenaError> invalid(const catalog::Table& table, const std::string& why) {
  return tl::unexpected(AthenaError{"INVALID_TABLE_PROPERTY",
                                    "Table " + table.database + "." + table.name + ": " + why});
}

/// Athena's default: the keys in Hive's way below the table's location.
std::string default_template(const catalog::Table& table) {
  std::string text = table.storage ? table.storage->location : "";
  if (!text.ends_with('/')) text += '/';
  for (const catalog::Column& key : table.partition_keys) {
    const std::string name = to_lower(key.name);
    text.append(name).append("=${").append(name).append("}/");
  }
  return text;
}

}  // namespace

athena::Result<std::optional<PartitionProjection>> PartitionProjection::of(
    const catalog::Table& table, base::WallTime now) {
  const auto enabled = table.parameters.find(kEnabled);
  if (table.partition_keys.empty() || enabled == table.parameters.end() ||
      to_lower(enabled->second) != "true") {
    return std::nullopt;
  }
  PartitionProjection projection;
  for (const catalog::Column& key : table.partition_keys) {
    TICKLAKE_ASSIGN(auto parsed, ProjectedKey::parse(to_lower(key.name), table.parameters, now));
    projection.keys_.push_back(std::move(parsed));
  }
  const auto given = table.parameters.find(kTemplate);
  const std::string text =
      given == table.parameters.end() ? default_template(table) : given->second;
  const auto location = S3Location::parse(text);
  if (!location) return invalid(table, "'" + text + "' is no location in S3");
  projection.root_.bucket = location->bucket;
  std::string_view rest = location->key;
  std::vector<bool> is_named(table.partition_keys.size());
  while (!rest.empty()) {
    const size_t mark = std::min(rest.find("${"), rest.size());
    if (mark > 0) projection.pieces_.push_back({std::string(rest.substr(0, mark)), {}});
    rest.remove_prefix(mark);
    if (rest.empty()) break;
    const size_t end = rest.find('}');
    const std::string name = to_lower(rest.substr(2, std::min(end, rest.size()) - 2));
    const auto key = std::ranges::find_if(table.partition_keys, [&](const catalog::Column& column) {
      return to_lower(column.name) == name;
    });
    if (end == std::string_view::npos || key == table.partition_keys.end()) {
      return invalid(table,
                     "the location template names '" + name + "', which is no partition key");
    }
    const auto index = static_cast<size_t>(key - table.partition_keys.begin());
    if (is_named[index]) return invalid(table, "the location template names " + name + " twice");
    is_named[index] = true;
    projection.pieces_.push_back({{}, index});
    rest.remove_prefix(end + 1);
  }
  if (std::ranges::find(is_named, false) != is_named.end()) {
    return invalid(table, "the location template does not name every partition key");
  }
  std::vector<Piece>& pieces = projection.pieces_;
  if (pieces.back().key) pieces.push_back({"/", {}});
  if (!pieces.back().text.ends_with('/')) pieces.back().text += '/';
  if (!pieces.front().key) {
    const std::string& first = pieces.front().text;
    projection.root_.key = first.substr(0, first.rfind('/') + 1);
  }
  return projection;
}

bool PartitionProjection::match(size_t piece, std::string_view rest, Match& found) const {
  if (piece == pieces_.size()) {
    found.below = rest;
    return true;
  }
  const Piece& here = pieces_[piece];
  if (!here.key) {
    return rest.starts_with(here.text) && match(piece + 1, rest.substr(here.text.size()), found);
  }
  // What follows does not depend on where the values before it ended.
  if (!found.tried.emplace(piece, rest.size()).second) return false;
  const ProjectedKey& key = keys_[*here.key];
  size_t slashes = 0;
  for (size_t end = 0; end < rest.size(); ++end) {
    // A '/' too many ends the value, whatever comes then.
    const bool must_end_here = rest[end] == '/' && ++slashes > key.slashes();
    const bool may_end_here = end > 0 && rest[end] != '/' && piece + 1 < pieces_.size() &&
                              !pieces_[piece + 1].key &&
                              rest.substr(end).starts_with(pieces_[piece + 1].text);
    if (!must_end_here && !may_end_here) continue;
    std::string value(rest.substr(0, end));
    if (key.contains(value) && match(piece + 1, rest.substr(end), found)) {
      found.values[*here.key] = std::move(value);
      return true;
    }
    if (must_end_here) return false;
  }
  return false;
}

std::optional<PartitionProjection::Place> PartitionProjection::place_of(
    std::string_view key) const {
  Match found{.values = std::vector<std::string>(keys_.size())};
  if (!match(0, key, found)) return std::nullopt;
  return Place{.values = std::move(found.values),
               .folder = std::string(key.substr(0, key.size() - found.below.size()))};
}

}  // namespace ticklake::query::executions
