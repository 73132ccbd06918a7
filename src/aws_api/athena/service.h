#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "aws/access_control.h"
#include "aws_api/athena/input.h"
#include "aws_api/json_call.h"
#include "query/executions/executions.h"

namespace ticklake::aws_api::athena {

/// Athena's API: query executions and their results, work groups, named queries, prepared
/// statements, and the catalog as Athena shows it. Source: botocore's model of athena/2017-05-18.
/// Not here: notebooks, sessions, capacity reservations, other catalogs than AwsDataCatalog.
/// Each operation needs `athena:<Operation>` on its work group or data catalog; what a statement
/// does is checked again when it runs. Safe from any thread.
class Service {
 public:
  /// What is passed by reference must outlive it.
  explicit Service(query::executions::Executions& executions) : executions_(executions) {}

  /// An operation's answer; may wait and block. See JsonService.
  aws::Answer<nlohmann::json> call(const Call& call);

 private:
  using Json = nlohmann::json;
  using Handler = aws::Answer<Json> (Service::*)(const Call& call, Input& input);
  struct Operation;
  static const Operation kOperations[];  ///< service.cc; the last one has no name

  // query_executions.cc
  aws::Answer<Json> start_query_execution(const Call& call, Input& input);
  aws::Answer<Json> get_query_execution(const Call& call, Input& input);
  aws::Answer<Json> batch_get_query_execution(const Call& call, Input& input);
  aws::Answer<Json> get_query_results(const Call& call, Input& input);
  aws::Answer<Json> get_query_runtime_statistics(const Call& call, Input& input);
  aws::Answer<Json> list_query_executions(const Call& call, Input& input);
  aws::Answer<Json> stop_query_execution(const Call& call, Input& input);

  // work_groups.cc
  aws::Answer<Json> create_work_group(const Call& call, Input& input);
  aws::Answer<Json> update_work_group(const Call& call, Input& input);
  aws::Answer<Json> get_work_group(const Call& call, Input& input);
  aws::Answer<Json> list_work_groups(const Call& call, Input& input);
  aws::Answer<Json> delete_work_group(const Call& call, Input& input);
  aws::Answer<Json> list_engine_versions(const Call& call, Input& input);
  aws::Answer<Json> list_tags_for_resource(const Call& call, Input& input);

  // metadata.cc
  aws::Answer<Json> list_data_catalogs(const Call& call, Input& input);
  aws::Answer<Json> get_data_catalog(const Call& call, Input& input);
  aws::Answer<Json> list_databases(const Call& call, Input& input);
  aws::Answer<Json> get_database(const Call& call, Input& input);
  aws::Answer<Json> list_table_metadata(const Call& call, Input& input);
  aws::Answer<Json> get_table_metadata(const Call& call, Input& input);

  /// Live tables that the catalog does not have yet.
  aws::Answer<std::vector<catalog::Table>> unregistered_tables(
      const query::executions::CallerRights& rights,
      const std::function<bool(std::string_view)>& accepts);

  // saved_queries.cc
  aws::Answer<Json> create_named_query(const Call& call, Input& input);
  aws::Answer<Json> update_named_query(const Call& call, Input& input);
  aws::Answer<Json> get_named_query(const Call& call, Input& input);
  aws::Answer<Json> batch_get_named_query(const Call& call, Input& input);
  aws::Answer<Json> list_named_queries(const Call& call, Input& input);
  aws::Answer<Json> delete_named_query(const Call& call, Input& input);
  aws::Answer<Json> create_prepared_statement(const Call& call, Input& input);
  aws::Answer<Json> update_prepared_statement(const Call& call, Input& input);
  aws::Answer<Json> get_prepared_statement(const Call& call, Input& input);
  aws::Answer<Json> batch_get_prepared_statement(const Call& call, Input& input);
  aws::Answer<Json> list_prepared_statements(const Call& call, Input& input);
  aws::Answer<Json> delete_prepared_statement(const Call& call, Input& input);

  aws::Answer<query::executions::NamedQuery> named_query_of(const Call& call,
                                                            const std::string& id);
  aws::Answer<Json> put_prepared_statement(const Call& call, Input& input, bool must_be_there);

  /// Whether the caller may do the call's operation to a resource; `kind/name`, empty for all.
  aws::Answer<void> authorize(const Call& call, const std::string& resource) const;
  aws::Answer<void> authorize_group(const Call& call, const std::string& work_group) const;
  aws::Answer<void> authorize_catalog(const Call& call, const std::string& catalog) const;
  /// An execution that is there, in a work group that the caller may use so.
  aws::Answer<query::executions::Execution> execution_of(const Call& call, const std::string& id,
                                                         bool waits);
  static query::executions::Caller caller_of(const Call& call);
  const aws::AccessControl& access() const { return executions_.backend().access; }
  query::executions::ExecutionStore& store() { return executions_.store(); }

  query::executions::Executions& executions_;
};

using query::executions::store_failure;

}  // namespace ticklake::aws_api::athena
