#include "aws_api/athena/service.h"

#include "query/executions/table_resolver.h"

namespace ticklake::aws_api::athena {

namespace executions = query::executions;

struct Service::Operation {
  std::string_view name;
  Handler handler;
};

const Service::Operation Service::kOperations[] = {
    {"StartQueryExecution", &Service::start_query_execution},
    {"GetQueryExecution", &Service::get_query_execution},
    {"BatchGetQueryExecution", &Service::batch_get_query_execution},
    {"GetQueryResults", &Service::get_query_results},
    {"GetQueryRuntimeStatistics", &Service::get_query_runtime_statistics},
    {"ListQueryExecutions", &Service::list_query_executions},
    {"StopQueryExecution", &Service::stop_query_execution},
    {"CreateWorkGroup", &Service::create_work_group},
    {"UpdateWorkGroup", &Service::update_work_group},
    {"GetWorkGroup", &Service::get_work_group},
    {"ListWorkGroups", &Service::list_work_groups},
    {"DeleteWorkGroup", &Service::delete_work_group},
    {"ListEngineVersions", &Service::list_engine_versions},
    {"ListTagsForResource", &Service::list_tags_for_resource},
    {"ListDataCatalogs", &Service::list_data_catalogs},
    {"GetDataCatalog", &Service::get_data_catalog},
    {"ListDatabases", &Service::list_databases},
    {"GetDatabase", &Service::get_database},
    {"ListTableMetadata", &Service::list_table_metadata},
    {"GetTableMetadata", &Service::get_table_metadata},
    {"CreateNamedQuery", &Service::create_named_query},
    {"UpdateNamedQuery", &Service::update_named_query},
    {"GetNamedQuery", &Service::get_named_query},
    {"BatchGetNamedQuery", &Service::batch_get_named_query},
    {"ListNamedQueries", &Service::list_named_queries},
    {"DeleteNamedQuery", &Service::delete_named_query},
    {"CreatePreparedStatement", &Service::create_prepared_statement},
    {"UpdatePreparedStatement", &Service::update_prepared_statement},
    {"GetPreparedStatement", &Service::get_prepared_statement},
    {"BatchGetPreparedStatement", &Service::batch_get_prepared_statement},
    {"ListPreparedStatements", &Service::list_prepared_statements},
    {"DeletePreparedStatement", &Service::delete_prepared_statement},
    {"", nullptr}};

aws::Answer<nlohmann::json> Service::call(const Call& call) {
  for (const Operation* each = kOperations; !each->name.empty(); ++each) {
    if (each->name != call.operation) continue;
    Input input(call.input);
    return (this->*each->handler)(call, input);
  }
  return unknown_operation(call.operation);
}

aws::Answer<void> Service::authorize(const Call& call, const std::string& resource) const {
  const std::string action = "athena:" + call.operation;
  const std::string region = call.caller.region.empty() ? "us-east-1" : call.caller.region;
  const std::string arn =
      resource.empty()
          ? "*"
          : ("arn:aws:athena:" + region + ":").append(aws::kAccountId).append(":") + resource;
  const aws::PolicyRequest request{call.caller.principal, action, arn, call.context};
  const aws::Decision decision = access().is_allowed(request);
  if (decision.is_allowed()) return {};
  return tl::unexpected(aws::access_denied(request, decision));
}

aws::Answer<void> Service::authorize_group(const Call& call, const std::string& group) const {
  return authorize(call, "workgroup/" + group);
}

aws::Answer<void> Service::authorize_catalog(const Call& call, const std::string& catalog) const {
  const bool is_ours = query::athena::is_catalog_name(catalog);
  return authorize(call, "datacatalog/" + (is_ours ? "AwsDataCatalog" : catalog));
}

aws::Answer<executions::Execution> Service::execution_of(const Call& call, const std::string& id,
                                                         bool waits) {
  // What the caller may do is told before whether the execution is there.
  TICKLAKE_ASSIGN(const auto found, executions_.find(id));
  TICKLAKE_TRY(authorize_group(
      call, found ? found->work_group : std::string(executions::kPrimaryWorkGroup)));
  if (!found) {
    return executions::invalid_request("QueryExecution " + id + " was not found");
  }
  if (waits && !executions::is_final(found->state)) return executions_.look(id);
  return *found;
}

executions::Caller Service::caller_of(const Call& call) {
  return {call.caller.principal, call.context, call.caller.region};
}

}  // namespace ticklake::aws_api::athena
