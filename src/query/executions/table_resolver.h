#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "query/athena/relations.h"
#include "query/executions/backend.h"
#include "query/executions/caller_rights.h"
#include "query/executions/spooled_files.h"
#include "query/executions/table_relation.h"

namespace ticklake::query::executions {

/// A refusal of the catalog as Athena words it.
athena::AthenaError as_athena_error(const aws::ServiceError& error);

/// The SQL of a view as Athena keeps it in the catalog, with the database of its names.
struct ViewText {
  std::string sql;
  std::string database;
};
/// "/* Presto View: <base64 of JSON> */", of ViewOriginalText; none if it is no such view.
std::optional<ViewText> parse_view(const catalog::Table& table);
/// The reverse, with the columns of its result: name and Trino's type.
std::string to_view_text(const ViewText& view,
                         const std::vector<std::pair<std::string, std::string>>& columns);

inline constexpr size_t kViewDepthMax = 16;

/// Turns the tables that a statement names into relations of DuckDB: live tables as they are, views
/// as their query, others as their files. Each must be allowed to the caller.
class TableResolver {
 public:
  /// All must outlive it; it must outlive the queries that it was asked for.
  TableResolver(const Backend& backend, const CallerRights& rights, std::stop_token stop = {})
      : backend_(backend),
        rights_(rights),
        stop_(std::move(stop)),
        spooled_(backend.buckets, backend.files, backend.spooled_files_min) {}

  struct Resolved {
    std::shared_ptr<const athena::Relations> relations;
    std::vector<TableSource> sources;
    std::vector<catalog::Table> live;  ///< tables whose files only source_of_live() looks up
  };
  /// Tables that are not there are left out: the statement's reader then says where they are named.
  athena::Result<Resolved> resolve(const std::vector<athena::TableName>& tables,
                                   const std::string& database);

  /// The files of a live table, which a query has to name no more than its view does; they are
  /// listed after it, to count what it has read.
  athena::Result<TableSource> source_of_live(const catalog::Table& table);

  /// A table of the catalog, or a live one that is not in it yet; none if it is not there.
  athena::Result<std::optional<catalog::Table>> find(const std::string& database,
                                                     const std::string& table);
  /// Whether a sink of this process fills it.
  athena::Result<bool> is_live(const std::string& database, const std::string& table);
  athena::Result<const std::vector<TableColumns>*> live_tables();

 private:
  athena::Result<void> add(const std::string& database, const std::string& table, size_t depth);
  athena::Result<void> add_live(const catalog::Table& table);
  athena::Result<void> add_view(const catalog::Table& table, const ViewText& view, size_t depth);
  athena::Result<void> add_files(const catalog::Table& table);
  /// The objects of its partitions, by projection where its properties say so.
  athena::Result<std::vector<FileSet>> file_sets(const catalog::Table& table);
  athena::Result<void> add_partitions(const catalog::Table& table, const std::string& name);
  athena::Result<void> spool(const catalog::Table& table, std::vector<FileSet>& sets);
  std::string structure_of(const std::vector<base::Path>& sample);

  const Backend& backend_;
  const CallerRights& rights_;
  const std::stop_token stop_;
  SpooledFiles spooled_;
  std::optional<std::vector<TableColumns>> live_;
  std::shared_ptr<athena::Relations> relations_;
  std::vector<TableSource> sources_;
  std::vector<catalog::Table> live_read_;
};

}  // namespace ticklake::query::executions
