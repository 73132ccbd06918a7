// Named queries: Create-, Update-, Get-, BatchGet-, List-, DeleteNamedQuery.
// Prepared statements: the same. SQL's PREPARE and EXECUTE work on the latter.
#include "aws_api/athena/service.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::athena {
namespace {

namespace executions = query::executions;
using executions::NamedQuery;
using executions::PreparedStatement;
using nlohmann::json;

constexpr size_t kIdMax = 128;
constexpr size_t kNameMax = 128;
constexpr size_t kStatementNameMax = 256;
constexpr size_t kTextMax = 262'144;
constexpr size_t kBatchMax = 50;

json to_json(const NamedQuery& query) {
  json out{{"NamedQueryId", query.id},
           {"Name", query.name},
           {"Database", query.database},
           {"QueryString", query.sql},
           {"WorkGroup", query.work_group}};
  if (!query.description.empty()) out["Description"] = query.description;
  return out;
}

json to_json(const PreparedStatement& statement) {
  json out{{"StatementName", statement.name},
           {"QueryStatement", statement.sql},
           {"WorkGroupName", statement.work_group},
           {"LastModifiedTime", catalog::to_json(statement.modified)}};
  if (!statement.description.empty()) out["Description"] = statement.description;
  return out;
}

tl::unexpected<aws::ServiceError> no_statement(const std::string& name) {
  auto error =
      aws::refuse_as("ResourceNotFoundException", "PreparedStatement " + name + " was not found")
          .value();
  error.members.emplace_back("ResourceName", name);
  return tl::unexpected(std::move(error));
}

tl::unexpected<aws::ServiceError> no_query(const std::string& id) {
  return executions::invalid_request("NamedQuery " + id + " was not found");
}

}  // namespace

aws::Answer<nlohmann::json> Service::create_named_query(const Call& call, Input& input) {
  NamedQuery query;
  query.name = input.text("Name", kNameMax);
  query.description = input.text_or_empty("Description", 1024);
  query.database = input.text("Database", 255);
  query.sql = input.text("QueryString", kTextMax);
  query.work_group = input.work_group_or_primary();
  const std::string token = input.text_or_empty("ClientRequestToken", 128);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, query.work_group));
  query.id = token.empty() ? executions_.new_id() : executions_.id_of_token(token);
  const auto existing = store().find_named(query.id);
  if (!existing) return tl::unexpected(store_failure(existing.error()));
  if (*existing && ((*existing)->sql != query.sql || (*existing)->name != query.name)) {
    return executions::invalid_request("Idempotent parameters do not match", "DUPLICATE_INPUT");
  }
  if (const auto put = store().put(query); !put) return tl::unexpected(store_failure(put.error()));
  return json{{"NamedQueryId", query.id}};
}

aws::Answer<executions::NamedQuery> Service::named_query_of(const Call& call,
                                                            const std::string& id) {
  const auto found = store().find_named(id);
  if (!found) return tl::unexpected(store_failure(found.error()));
  TICKLAKE_TRY(authorize_group(
      call, *found ? (*found)->work_group : std::string(executions::kPrimaryWorkGroup)));
  if (!*found) return no_query(id);
  return **found;
}

aws::Answer<nlohmann::json> Service::update_named_query(const Call& call, Input& input) {
  const std::string id = input.text("NamedQueryId", kIdMax);
  const std::string name = input.text("Name", kNameMax);
  const std::string description = input.text_or_empty("Description", 1024);
  const std::string sql = input.text("QueryString", kTextMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_ASSIGN(NamedQuery query, named_query_of(call, id));
  query.name = name;
  query.description = description;
  query.sql = sql;
  if (const auto put = store().put(query); !put) return tl::unexpected(store_failure(put.error()));
  return json::object();
}

aws::Answer<nlohmann::json> Service::get_named_query(const Call& call, Input& input) {
  const std::string id = input.text("NamedQueryId", kIdMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_ASSIGN(const NamedQuery query, named_query_of(call, id));
  return json{{"NamedQuery", to_json(query)}};
}

aws::Answer<nlohmann::json> Service::batch_get_named_query(const Call& call, Input& input) {
  input.reader().require("NamedQueryIds");
  const auto ids = input.reader().texts("NamedQueryIds", {1, kIdMax}, kBatchMax);
  TICKLAKE_TRY(input.check());
  json found = json::array();
  json missing = json::array();
  for (const std::string& id : ids) {
    const auto query = named_query_of(call, id);
    if (query) {
      found.push_back(to_json(*query));
    } else if (query.error().code == "InvalidRequestException") {
      missing.push_back(json{{"NamedQueryId", id},
                             {"ErrorCode", "INVALID_INPUT"},
                             {"ErrorMessage", query.error().message}});
    } else {
      return tl::unexpected(query.error());
    }
  }
  return json{{"NamedQueries", std::move(found)}, {"UnprocessedNamedQueryIds", std::move(missing)}};
}

aws::Answer<nlohmann::json> Service::list_named_queries(const Call& call, Input& input) {
  const std::string group = input.work_group_or_primary();
  const size_t max = input.page_size();
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group));
  const auto all = store().list_named(group);
  if (!all) return tl::unexpected(store_failure(all.error()));
  TICKLAKE_ASSIGN(const auto page, slice(*all, max, token));
  json out = json::object();
  if (!page.items.empty()) out["NamedQueryIds"] = page.items;
  if (!page.next.empty()) out["NextToken"] = page.next;
  return out;
}

aws::Answer<nlohmann::json> Service::delete_named_query(const Call& call, Input& input) {
  const std::string id = input.text("NamedQueryId", kIdMax);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(named_query_of(call, id));
  if (const auto removed = store().remove_named(id); !removed) {
    return tl::unexpected(store_failure(removed.error()));
  }
  return json::object();
}

aws::Answer<nlohmann::json> Service::create_prepared_statement(const Call& call, Input& input) {
  return put_prepared_statement(call, input, false);
}

aws::Answer<nlohmann::json> Service::update_prepared_statement(const Call& call, Input& input) {
  return put_prepared_statement(call, input, true);
}

aws::Answer<nlohmann::json> Service::put_prepared_statement(const Call& call, Input& input,
                                                            bool must_be_there) {
  PreparedStatement statement;
  statement.name = input.text("StatementName", kStatementNameMax);
  statement.work_group = input.work_group();
  statement.sql = input.text("QueryStatement", kTextMax);
  statement.description = input.text_or_empty("Description", 1024);
  statement.modified = executions_.backend().clock.wall_now();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, statement.work_group));
  const auto found = store().find_prepared(statement.work_group, statement.name);
  if (!found) return tl::unexpected(store_failure(found.error()));
  if (must_be_there && !*found) return no_statement(statement.name);
  if (!must_be_there && *found) {
    return executions::invalid_request("PreparedStatement " + statement.name +
                                       " already exists in WorkGroup " + statement.work_group);
  }
  if (const auto put = store().put(statement); !put) {
    return tl::unexpected(store_failure(put.error()));
  }
  return json::object();
}

aws::Answer<nlohmann::json> Service::get_prepared_statement(const Call& call, Input& input) {
  const std::string name = input.text("StatementName", kStatementNameMax);
  const std::string group = input.work_group();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group));
  const auto found = store().find_prepared(group, name);
  if (!found) return tl::unexpected(store_failure(found.error()));
  if (!*found) return no_statement(name);
  return json{{"PreparedStatement", to_json(**found)}};
}

aws::Answer<nlohmann::json> Service::batch_get_prepared_statement(const Call& call, Input& input) {
  input.reader().require("PreparedStatementNames");
  const auto names =
      input.reader().texts("PreparedStatementNames", {1, kStatementNameMax}, kBatchMax);
  const std::string group = input.work_group();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group));
  json statements = json::array();
  json missing = json::array();
  for (const std::string& name : names) {
    const auto found = store().find_prepared(group, name);
    if (!found) return tl::unexpected(store_failure(found.error()));
    if (*found) {
      statements.push_back(to_json(**found));
    } else {
      missing.push_back(json{{"StatementName", name},
                             {"ErrorCode", "STATEMENT_NOT_FOUND"},
                             {"ErrorMessage", "PreparedStatement " + name + " was not found"}});
    }
  }
  return json{{"PreparedStatements", std::move(statements)},
              {"UnprocessedPreparedStatementNames", std::move(missing)}};
}

aws::Answer<nlohmann::json> Service::list_prepared_statements(const Call& call, Input& input) {
  const std::string group = input.work_group();
  const size_t max = input.page_size();
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group));
  const auto all = store().list_prepared(group);
  if (!all) return tl::unexpected(store_failure(all.error()));
  TICKLAKE_ASSIGN(const auto page, slice(*all, max, token));
  json list = json::array();
  for (const PreparedStatement& statement : page.items) {
    list.push_back(json{{"StatementName", statement.name},
                        {"LastModifiedTime", catalog::to_json(statement.modified)}});
  }
  json out{{"PreparedStatements", std::move(list)}};
  if (!page.next.empty()) out["NextToken"] = page.next;
  return out;
}

aws::Answer<nlohmann::json> Service::delete_prepared_statement(const Call& call, Input& input) {
  const std::string name = input.text("StatementName", kStatementNameMax);
  const std::string group = input.work_group();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group));
  const auto removed = store().remove_prepared(group, name);
  if (!removed) return tl::unexpected(store_failure(removed.error()));
  if (!*removed) return no_statement(name);
  return json::object();
}

}  // namespace ticklake::aws_api::athena
