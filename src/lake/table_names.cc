#include "lake/table_names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "lake/layout.h"
#include "lake/schema.h"

namespace ticklake::lake {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kClaimBytesMax = 4'096;
/// Nobody has so many topics that differ in case only.
constexpr int kCandidatesMax = 100;

/// DuckDB's own: a view of that name would stand in the way of what its tools read.
constexpr std::array<std::string_view, 17> kTakenBySql = {"duckdb_columns",
                                                          "duckdb_constraints",
                                                          "duckdb_databases",
                                                          "duckdb_indexes",
                                                          "duckdb_logs",
                                                          "duckdb_schemas",
                                                          "duckdb_settings",
                                                          "duckdb_tables",
                                                          "duckdb_types",
                                                          "duckdb_views",
                                                          "duckdb_functions",
                                                          "pragma_database_list",
                                                          "sqlite_master",
                                                          "sqlite_schema",
                                                          "sqlite_temp_master",
                                                          "sqlite_temp_schema",
                                                          "duckdb_approx_database_count"};

/// The n-th name that a folder's table may get.
std::string candidate(std::string_view folder, int n) {
  return n == 1 ? std::string(folder) : fmt::format("{}_{}", folder, n);
}

bool is_taken_by_sql(const std::string& name) {
  return std::ranges::find(kTakenBySql, lower_case(name)) != kTakenBySql.end();
}

std::string claim_key(std::string_view name) {
  return fmt::format("{}/{}", kTableNamesFolder, lower_case(name));
}

/// Whose the name is; none if nobody has claimed it.
base::Result<std::optional<std::string>> owner_of(ObjectStore& store, std::string_view name) {
  auto text = store.get(claim_key(name), kClaimBytesMax);
  if (!text && text.error().code == base::ErrorCode::kNotFound) return std::nullopt;
  if (!text) return tl::unexpected(std::move(text).error());
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("folder") || !json["folder"].is_string()) {
    return base::fail(base::ErrorCode::kCorrupt, claim_key(name) + " cannot be read",
                      "it does not say whose the name is", "restore it from a backup");
  }
  return json["folder"].get<std::string>();
}

tl::unexpected<base::Error> no_name_left(std::string_view folder) {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("no SQL name is free for the table in the folder {}", folder),
                    fmt::format("{} others have names that SQL takes for it", kCandidatesMax),
                    "produce to a topic of another name");
}

}  // namespace

base::Result<std::string> claim_table_name(ObjectStore& store, std::string_view folder) {
  for (int n = 1; n <= kCandidatesMax; ++n) {
    std::string name = candidate(folder, n);
    if (is_taken_by_sql(name)) continue;
    TICKLAKE_ASSIGN(auto owner, owner_of(store, name));
    if (!owner) {
      const Json claim = {{"folder", folder}, {"table", name}};
      auto put = store.put_if_absent(claim_key(name), claim.dump() + "\n");
      if (put) return name;
      if (put.error().code != base::ErrorCode::kAlreadyExists) {
        return tl::unexpected(std::move(put).error());
      }
      TICKLAKE_ASSIGN(owner, owner_of(store, name));
    }
    if (owner == folder) return name;
  }
  return no_name_left(folder);
}

base::Result<std::set<std::string>> claimed_folders(ObjectStore& store) {
  std::set<std::string> folders;
  TICKLAKE_ASSIGN(const auto names, store.list_names(kTableNamesFolder));
  for (const std::string& name : names) {
    TICKLAKE_ASSIGN(auto owner, owner_of(store, name));
    if (owner && table_name(*owner) == *owner) folders.insert(std::move(*owner));
  }
  return folders;
}

base::Result<std::map<std::string, std::string>> read_table_names(
    ObjectStore& store, const std::vector<std::string>& folders) {
  std::map<std::string, std::string> names;
  std::set<std::string> given;
  for (const std::string& folder : folders) {
    for (int n = 1; n <= kCandidatesMax && !names.contains(folder); ++n) {
      const std::string name = candidate(folder, n);
      if (is_taken_by_sql(name) || given.contains(lower_case(name))) continue;
      TICKLAKE_ASSIGN(const auto owner, owner_of(store, name));
      if (owner && owner != folder) continue;
      names[folder] = name;
      given.insert(lower_case(name));
    }
    if (!names.contains(folder)) return no_name_left(folder);
  }
  return names;
}

}  // namespace ticklake::lake
