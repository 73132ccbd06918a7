// ListDataCatalogs, GetDataCatalog, ListDatabases, GetDatabase, ListTableMetadata,
// GetTableMetadata.
//
// There is one data catalog, AwsDataCatalog, whose name is taken in any case. What the caller may
// see is asked as Glue asks: glue:GetDatabase(s), glue:GetTable(s). Live tables are shown from
// their first row on, before the catalog has them.
#include "aws_api/athena/service.h"
#include "catalog/model_json.h"
#include "query/executions/show_statement.h"
#include "query/executions/table_resolver.h"

namespace ticklake::aws_api::athena {
namespace {

namespace executions = query::executions;
using nlohmann::json;

constexpr const char* kCatalog = "AwsDataCatalog";
constexpr size_t kNameMax = 128;
constexpr size_t kExpressionMax = 256;

tl::unexpected<aws::ServiceError> metadata_error(std::string message) {
  return aws::refuse_as("MetadataException", std::move(message));
}

/// A refusal of the catalog, or of the caller's rights, in Athena's words.
tl::unexpected<aws::ServiceError> as_metadata(const aws::ServiceError& error) {
  if (error.kind == aws::ErrorKind::kInternal) return tl::unexpected(error);
  return metadata_error(error.message + " (" + (error.code.empty() ? "AccessDenied" : error.code) +
                        ")");
}
tl::unexpected<aws::ServiceError> as_metadata(const query::athena::AthenaError& error) {
  if (error.name == "PERMISSION_DENIED") {
    return aws::refuse(aws::ErrorKind::kAccessDenied, error.message);
  }
  return metadata_error(error.message);
}

json to_database(const catalog::Database& database) {
  json out{{"Name", database.name}};
  if (!database.description.empty()) out["Description"] = database.description;
  if (!database.parameters.empty()) out["Parameters"] = database.parameters;
  return out;
}

json columns_of(const std::vector<catalog::Column>& columns) {
  json list = json::array();
  for (const catalog::Column& column : columns) {
    json each{{"Name", column.name}, {"Type", column.type}};
    if (!column.comment.empty()) each["Comment"] = column.comment;
    list.push_back(std::move(each));
  }
  return list;
}

json to_table(const catalog::Table& table) {
  json parameters = table.parameters;
  if (table.storage) {
    parameters["location"] = table.storage->location;
    parameters["inputformat"] = table.storage->input_format;
    parameters["outputformat"] = table.storage->output_format;
    parameters["serde.serialization.lib"] = table.storage->serde.library;
    for (const auto& [name, value] : table.storage->serde.parameters)
      parameters["serde.param." + name] = value;
  }
  json out{{"Name", table.name},
           {"TableType", table.type},
           {"CreateTime", catalog::to_json(table.created)},
           {"Columns",
            columns_of(table.storage ? table.storage->columns : std::vector<catalog::Column>{})},
           {"PartitionKeys", columns_of(table.partition_keys)},
           {"Parameters", std::move(parameters)}};
  return out;
}

aws::Answer<void> check_catalog(const std::string& name) {
  if (query::athena::is_catalog_name(name)) return {};
  return executions::invalid_request("DataCatalog " + name + " was not found");
}

json catalog_json() {
  return {{"Name", kCatalog}, {"Type", "GLUE"}, {"Parameters", {{"catalog-id", aws::kAccountId}}}};
}

}  // namespace

aws::Answer<nlohmann::json> Service::list_data_catalogs(const Call& call, Input& input) {
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize(call, {}));
  json list = json::array();
  list.push_back(json{{"CatalogName", kCatalog}, {"Type", "GLUE"}});
  return json{{"DataCatalogsSummary", std::move(list)}};
}

aws::Answer<nlohmann::json> Service::get_data_catalog(const Call& call, Input& input) {
  const std::string name = input.text("Name", 256);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_catalog(call, name));
  TICKLAKE_TRY(check_catalog(name));
  return json{{"DataCatalog", catalog_json()}};
}

aws::Answer<nlohmann::json> Service::list_databases(const Call& call, Input& input) {
  const std::string name = input.text("CatalogName", 256);
  const size_t max = input.page_size();
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_catalog(call, name));
  TICKLAKE_TRY(check_catalog(name));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  if (const auto may = rights.check_database("GetDatabases", "*"); !may) {
    return as_metadata(may.error());
  }
  auto page = executions_.backend().metadata.list_databases({.max = max, .token = token});
  if (!page) return as_metadata(page.error());
  json list = json::array();
  for (const catalog::Database& database : page->items)
    list.push_back(to_database(database));
  json out{{"DatabaseList", std::move(list)}};
  if (!page->next_token.empty()) out["NextToken"] = page->next_token;
  return out;
}

aws::Answer<nlohmann::json> Service::get_database(const Call& call, Input& input) {
  const std::string catalog_name = input.text("CatalogName", 256);
  const std::string name = input.text("DatabaseName", kNameMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_catalog(call, catalog_name));
  TICKLAKE_TRY(check_catalog(catalog_name));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  if (const auto may = rights.check_database("GetDatabase", catalog::folded(name)); !may) {
    return as_metadata(may.error());
  }
  const auto database = executions_.backend().metadata.get_database(name);
  if (!database) return as_metadata(database.error());
  return json{{"Database", to_database(*database)}};
}

aws::Answer<nlohmann::json> Service::list_table_metadata(const Call& call, Input& input) {
  const std::string catalog_name = input.text("CatalogName", 256);
  const std::string database = catalog::folded(input.text("DatabaseName", kNameMax));
  const std::string expression = input.text_or_empty("Expression", kExpressionMax);
  const size_t max = input.page_size();
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_catalog(call, catalog_name));
  TICKLAKE_TRY(check_catalog(catalog_name));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  if (const auto may = rights.check_table("GetTables", database, "*"); !may) {
    return as_metadata(may.error());
  }
  const auto accepts = [&](std::string_view name) {
    return executions::matches_pattern(name, expression);
  };
  auto page =
      executions_.backend().metadata.list_tables(database, {.max = max, .token = token}, accepts);
  if (!page) return as_metadata(page.error());
  json list = json::array();
  for (const catalog::Table& table : page->items)
    list.push_back(to_table(table));
  if (token.empty() && database == catalog::kLiveDatabase) {
    TICKLAKE_TRY(add_unregistered(rights, accepts, list));
  }
  json out{{"TableMetadataList", std::move(list)}};
  if (!page->next_token.empty()) out["NextToken"] = page->next_token;
  return out;
}

aws::Answer<void> Service::add_unregistered(const executions::CallerRights& rights,
                                            const std::function<bool(std::string_view)>& accepts,
                                            nlohmann::json& list) {
  executions::TableResolver resolver(executions_.backend(), rights);
  const auto live = resolver.live_tables();
  if (!live) return as_metadata(live.error());
  const std::string database(catalog::kLiveDatabase);
  for (const query::TableColumns& each : **live) {
    const std::string name = catalog::folded(each.name);
    if (!accepts(name) || executions_.backend().metadata.get_table(database, name)) continue;
    const auto table = resolver.find(database, name);
    if (!table) return as_metadata(table.error());
    if (*table) list.push_back(to_table(**table));
  }
  return {};
}

aws::Answer<nlohmann::json> Service::get_table_metadata(const Call& call, Input& input) {
  const std::string catalog_name = input.text("CatalogName", 256);
  const std::string database = catalog::folded(input.text("DatabaseName", kNameMax));
  const std::string name = catalog::folded(input.text("TableName", kNameMax));
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_catalog(call, catalog_name));
  TICKLAKE_TRY(check_catalog(catalog_name));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  if (const auto may = rights.check_table("GetTable", database, name); !may) {
    return as_metadata(may.error());
  }
  executions::TableResolver resolver(executions_.backend(), rights);
  const auto table = resolver.find(database, name);
  if (!table) return as_metadata(table.error());
  if (!*table) {
    return metadata_error("EntityNotFoundException: Table " + database + "." + name +
                          " not found.");
  }
  return json{{"TableMetadata", to_table(**table)}};
}

}  // namespace ticklake::aws_api::athena
