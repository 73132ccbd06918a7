// ListDataCatalogs, GetDataCatalog, ListDatabases, GetDatabase, ListTableMetadata,
// GetTableMetadata.
//
// There is one data catalog, AwsDataCatalog, whose name is taken in any case. What the caller may
// see is asked as Glue asks: glue:GetDatabase(s), glue:GetTable(s). Live tables are shown from
// their first row on, before the catalog has them.
#include "aws/athena_metadata_messages.h"
#include "aws_api/athena/service.h"
#include "catalog/model_json.h"
#include "query/executions/show_statement.h"
#include "query/executions/table_resolver.h"

namespace ticklake::aws_api::athena {
namespace {

namespace executions = query::executions;
namespace messages = aws::athena;
using nlohmann::json;

constexpr const char* kCatalog = "AwsDataCatalog";
constexpr size_t kNameMax = 128;

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

std::vector<messages::TableColumn> columns_of(const std::vector<catalog::Column>& columns) {
  std::vector<messages::TableColumn> list;
  for (const catalog::Column& column : columns)
    list.push_back({column.name, column.type, column.comment});
  return list;
}

messages::TableMetadata to_message(const catalog::Table& table) {
  messages::TableMetadata message{.name = table.name,
                                  .type = table.type,
                                  .created = table.created,
                                  .partition_keys = columns_of(table.partition_keys),
                                  .parameters = table.parameters};
  if (!table.storage) return message;
  message.columns = columns_of(table.storage->columns);
  message.parameters["location"] = table.storage->location;
  message.parameters["inputformat"] = table.storage->input_format;
  message.parameters["outputformat"] = table.storage->output_format;
  message.parameters["serde.serialization.lib"] = table.storage->serde.library;
  for (const auto& [name, value] : table.storage->serde.parameters)
    message.parameters["serde.param." + name] = value;
  return message;
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
  messages::TablesRequest given;
  input.read(given);
  TICKLAKE_TRY(input.check());
  const std::string database = catalog::folded(given.database);
  const int64_t wanted = given.max.value_or(0);
  const size_t max = wanted > 0 ? static_cast<size_t>(wanted) : kPageMax;
  TICKLAKE_TRY(authorize_catalog(call, given.catalog));
  TICKLAKE_TRY(check_catalog(given.catalog));
  const executions::Caller caller = caller_of(call);
  const executions::CallerRights rights(access(), caller);
  if (const auto may = rights.check_table("GetTables", database, "*"); !may) {
    return as_metadata(may.error());
  }
  const auto accepts = [&](std::string_view name) {
    return executions::matches_pattern(name, given.expression);
  };
  auto page = executions_.backend().metadata.list_tables(
      database, {.max = max, .token = given.token}, accepts);
  if (!page) return as_metadata(page.error());
  messages::TablesAnswer answer{.tables = {}, .next = page->next_token};
  for (const catalog::Table& table : page->items)
    answer.tables.push_back(to_message(table));
  if (given.token.empty() && database == catalog::kLiveDatabase) {
    TICKLAKE_ASSIGN(const auto unregistered, unregistered_tables(rights, accepts));
    for (const catalog::Table& table : unregistered)
      answer.tables.push_back(to_message(table));
  }
  return aws::MessageWriter::write(answer);
}

aws::Answer<std::vector<catalog::Table>> Service::unregistered_tables(
    const executions::CallerRights& rights, const std::function<bool(std::string_view)>& accepts) {
  executions::TableResolver resolver(executions_.backend(), rights);
  const auto live = resolver.live_tables();
  if (!live) return as_metadata(live.error());
  const std::string database(catalog::kLiveDatabase);
  std::vector<catalog::Table> tables;
  for (const query::TableColumns& each : **live) {
    const std::string name = catalog::folded(each.name);
    if (!accepts(name) || executions_.backend().metadata.get_table(database, name)) continue;
    auto table = resolver.find(database, name);
    if (!table) return as_metadata(table.error());
    if (*table) tables.push_back(std::move(**table));
  }
  return tables;
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
  return json{{"TableMetadata", aws::MessageWriter::write(to_message(**table))}};
}

}  // namespace ticklake::aws_api::athena
