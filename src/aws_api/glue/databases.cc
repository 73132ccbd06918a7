// CreateDatabase, GetDatabase, GetDatabases, UpdateDatabase, DeleteDatabase.
//
// Databases have names, descriptions, locations and parameters. Links to other catalogs
// (TargetDatabase, FederatedDatabase) and Lake Formation's permissions are passed over.

#include "aws_api/glue/request.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::glue {
namespace {

using nlohmann::json;

json database_json(const catalog::Database& database) {
  json object = catalog::to_json(database);
  object["CatalogId"] = aws::kAccountId;
  return object;
}

aws::Answer<catalog::Database> database_input(Request& request) {
  catalog::JsonReader& input = request.input();
  input.require("DatabaseInput");
  catalog::Database database;
  if (const json* const object = input.object("DatabaseInput")) {
    database = catalog::read_database(input.child(*object, "DatabaseInput"));
  }
  TICKLAKE_TRY(request.checked());
  return database;
}

aws::Answer<json> create_database(Request& request) {
  TICKLAKE_ASSIGN(catalog::Database database, database_input(request));
  TICKLAKE_TRY(request.allow_database(database.name));
  TICKLAKE_TRY(request.seams().catalog.create_database(std::move(database)));
  return json::object();
}

aws::Answer<json> get_database(Request& request) {
  const std::string name = request.input().text("Name", catalog::kNameLimits);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_database(name));
  TICKLAKE_ASSIGN(const catalog::Database database, request.seams().catalog.get_database(name));
  return json{{"Database", database_json(database)}};
}

aws::Answer<json> get_databases(Request& request) {
  const catalog::PageRequest wanted = request.page(100);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_catalog());
  TICKLAKE_ASSIGN(auto page, request.seams().catalog.list_databases(wanted));
  std::erase_if(page.items, [&](const catalog::Database& database) {
    return !request.may_see_database(database.name);
  });
  return listing("DatabaseList", page, database_json);
}

aws::Answer<json> update_database(Request& request) {
  const std::string name = request.input().text("Name", catalog::kNameLimits);
  TICKLAKE_ASSIGN(catalog::Database database, database_input(request));
  TICKLAKE_TRY(request.allow_database(name));
  TICKLAKE_TRY(request.seams().catalog.update_database(name, std::move(database)));
  return json::object();
}

aws::Answer<json> delete_database(Request& request) {
  const std::string name = request.input().text("Name", catalog::kNameLimits);
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_database(name));
  TICKLAKE_TRY(request.seams().catalog.delete_database(name));
  return json::object();
}

}  // namespace

const std::vector<NamedOperation>& database_operations() {
  static const std::vector<NamedOperation> operations{{"CreateDatabase", create_database},
                                                      {"GetDatabase", get_database},
                                                      {"GetDatabases", get_databases},
                                                      {"UpdateDatabase", update_database},
                                                      {"DeleteDatabase", delete_database}};
  return operations;
}

}  // namespace ticklake::aws_api::glue
