// CreateTable, GetTable, GetTables, UpdateTable, DeleteTable, BatchDeleteTable, and the versions of
// tables.
//
// UpdateTable with a VersionId that is not the current one is ConcurrentModificationException.
// GetTables' Expression is a regular expression on the whole name, or a pattern with `*` as Hive
// has them: clients send both. Partition indexes, views of several dialects and open table formats
// are passed over; time travel (QueryAsOfTime, TransactionId) is not there.

#include <re2/re2.h>

#include "aws_api/glue/request.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::glue {
namespace {

using nlohmann::json;

constexpr size_t kPageMax = 100;
constexpr size_t kBatchMax = 100;
constexpr int64_t kRegexBytesMax = 1 << 20;

json table_json(const catalog::Table& table) {
  json object = catalog::to_json(table);
  object["CatalogId"] = aws::kAccountId;
  return object;
}

json version_json(const catalog::Table& table) {
  return {{"Table", table_json(table)}, {"VersionId", std::to_string(table.version)}};
}

/// What an Expression accepts.
class NameFilter {
 public:
  explicit NameFilter(const std::string& expression)
      : regex_(expression, options()), hive_(hive_pattern(expression), options()) {}

  bool operator()(std::string_view name) const {
    const re2::StringPiece text(name.data(), name.size());
    return (regex_.ok() && RE2::FullMatch(text, regex_)) ||
           (hive_.ok() && RE2::FullMatch(text, hive_));
  }
  bool is_ok() const { return regex_.ok() || hive_.ok(); }

 private:
  static RE2::Options options() {
    RE2::Options options(RE2::Quiet);
    options.set_case_sensitive(false);
    options.set_max_mem(kRegexBytesMax);
    return options;
  }
  /// `*` is any text, `|` one or the other; all else is itself.
  static std::string hive_pattern(const std::string& expression) {
    std::string pattern;
    for (const char c : expression) {
      if (c == '*') {
        pattern += ".*";
      } else if (c == '|') {
        pattern += c;
      } else {
        pattern += RE2::QuoteMeta(re2::StringPiece(&c, 1));
      }
    }
    return pattern;
  }

  RE2 regex_;
  RE2 hive_;
};

struct TableKey {
  std::string database;
  std::string name;
};

aws::Answer<TableKey> table_key(Request& request, const char* name_member) {
  TableKey key{request.input().text("DatabaseName", catalog::kNameLimits),
               request.input().text(name_member, catalog::kNameLimits)};
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_table(key.database, key.name));
  return key;
}

struct TableInput {
  std::string database;
  catalog::Table table;
};

aws::Answer<TableInput> table_input(Request& request) {
  catalog::JsonReader& input = request.input();
  TableInput read{input.text("DatabaseName", catalog::kNameLimits), {}};
  input.require("TableInput");
  if (const json* const object = input.object("TableInput")) {
    read.table = catalog::read_table(input.child(*object, "TableInput"));
  }
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_table(read.database, read.table.name));
  return read;
}

aws::Answer<json> create_table(Request& request) {
  TICKLAKE_ASSIGN(TableInput input, table_input(request));
  TICKLAKE_TRY(request.seams().catalog.create_table(input.database, std::move(input.table),
                                                    request.caller_arn()));
  return json::object();
}

aws::Answer<json> get_table(Request& request) {
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "Name"));
  TICKLAKE_ASSIGN(const catalog::Table table,
                  request.seams().catalog.get_table(key.database, key.name));
  return json{{"Table", table_json(table)}};
}

aws::Answer<json> get_tables(Request& request) {
  catalog::JsonReader& input = request.input();
  const std::string database = catalog::folded(input.text("DatabaseName", catalog::kNameLimits));
  const std::string expression = input.text_or_empty("Expression", {0, 2'048});
  const catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_database(database));
  const NameFilter filter(expression);
  if (!filter.is_ok()) return catalog::invalid_input("Expression is no regular expression.");
  TICKLAKE_ASSIGN(const auto page,
                  request.seams().catalog.list_tables(database, wanted, [&](std::string_view name) {
                    const bool fits = expression.empty() || filter(name);
                    return fits && request.may_see_table(database, name);
                  }));
  return listing("TableList", page, table_json);
}

aws::Answer<json> update_table(Request& request) {
  const auto version = request.input().optional_text("VersionId", catalog::kNameLimits);
  const bool skips = request.input().boolean("SkipArchive").value_or(false);
  TICKLAKE_ASSIGN(TableInput input, table_input(request));
  TICKLAKE_TRY(request.seams().catalog.update_table(input.database, std::move(input.table),
                                                    {.version = version, .keeps_old = !skips}));
  return json::object();
}

aws::Answer<json> delete_table(Request& request) {
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "Name"));
  TICKLAKE_TRY(request.seams().catalog.delete_table(key.database, key.name));
  return json::object();
}

aws::Answer<json> batch_delete_table(Request& request) {
  catalog::JsonReader& input = request.input();
  const std::string database = input.text("DatabaseName", catalog::kNameLimits);
  input.require("TablesToDelete");
  const auto names = input.texts("TablesToDelete", catalog::kNameLimits, kBatchMax);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_database(database));
  TICKLAKE_TRY(request.seams().catalog.get_database(database));
  auto errors = json::array();
  for (const std::string& name : names) {
    auto deleted = request.allow_table(database, name);
    if (deleted) deleted = request.seams().catalog.delete_table(database, name);
    if (deleted) continue;
    errors.push_back({{"TableName", name}, {"ErrorDetail", error_detail(deleted.error())}});
  }
  return errors.empty() ? json::object() : json{{"Errors", std::move(errors)}};
}

aws::Answer<json> get_table_versions(Request& request) {
  const catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "TableName"));
  TICKLAKE_ASSIGN(const auto page,
                  request.seams().catalog.list_table_versions(key.database, key.name, wanted));
  return listing("TableVersions", page, version_json);
}

aws::Answer<json> get_table_version(Request& request) {
  const std::string version = request.input().text_or_empty("VersionId", catalog::kNameLimits);
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "TableName"));
  TICKLAKE_ASSIGN(const catalog::Table table,
                  request.seams().catalog.get_table_version(key.database, key.name, version));
  return json{{"TableVersion", version_json(table)}};
}

aws::Answer<json> delete_table_version(Request& request) {
  const std::string version = request.input().text("VersionId", catalog::kNameLimits);
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "TableName"));
  TICKLAKE_TRY(request.seams().catalog.delete_table_version(key.database, key.name, version));
  return json::object();
}

aws::Answer<json> batch_delete_table_version(Request& request) {
  request.input().require("VersionIds");
  const auto versions = request.input().texts("VersionIds", catalog::kNameLimits, kBatchMax);
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "TableName"));
  TICKLAKE_TRY(request.seams().catalog.get_table(key.database, key.name));
  auto errors = json::array();
  for (const std::string& version : versions) {
    const auto deleted =
        request.seams().catalog.delete_table_version(key.database, key.name, version);
    if (deleted) continue;
    errors.push_back({{"TableName", key.name},
                      {"VersionId", version},
                      {"ErrorDetail", error_detail(deleted.error())}});
  }
  return errors.empty() ? json::object() : json{{"Errors", std::move(errors)}};
}

aws::Answer<json> get_partition_indexes(Request& request) {
  TICKLAKE_ASSIGN(const TableKey key, table_key(request, "TableName"));
  TICKLAKE_TRY(request.seams().catalog.get_table(key.database, key.name));
  return json{{"PartitionIndexDescriptorList", json::array()}};
}

}  // namespace

const std::vector<NamedOperation>& table_operations() {
  static const std::vector<NamedOperation> operations{
      {"CreateTable", create_table},
      {"GetTable", get_table},
      {"GetTables", get_tables},
      {"UpdateTable", update_table},
      {"DeleteTable", delete_table},
      {"BatchDeleteTable", batch_delete_table},
      {"GetTableVersions", get_table_versions},
      {"GetTableVersion", get_table_version},
      {"DeleteTableVersion", delete_table_version},
      {"BatchDeleteTableVersion", batch_delete_table_version},
      {"GetPartitionIndexes", get_partition_indexes}};
  return operations;
}

}  // namespace ticklake::aws_api::glue
