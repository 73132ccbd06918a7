#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/athena/error.h"

namespace ticklake::query::athena {

enum class StatementKind : uint8_t {
  kSelect,  ///< SELECT, WITH, VALUES, TABLE
  kCreateTableAsSelect,
  kUnload,
  kInsert,
  kCreateExternalTable,
  kCreateDatabase,
  kDropDatabase,
  kDropTable,
  kCreateView,
  kDropView,
  kShowDatabases,
  kShowTables,
  kShowViews,
  kShowColumns,
  kShowPartitions,
  kShowCreateTable,
  kShowCreateView,
  kShowTableProperties,
  kDescribe,
  kRepairTable,
  kAddPartitions,
  kDropPartitions,
  kRenamePartition,
  kAddColumns,
  kReplaceColumns,
  kChangeColumn,
  kSetLocation,
  kSetTableProperties,
  kExplain,
  kPrepare,
  kExecute,
  kDeallocate,
};

/// Names in lower case; `database` and `catalog` are empty where the statement has none.
struct TableName {
  std::string catalog;
  std::string database;
  std::string table;
};

/// A column of DDL. `type` is Hive's: int, string, array<string>, struct<a:int>, decimal(10,2).
struct ColumnDefinition {
  std::string name;
  std::string type;
  std::string comment;
};

using Properties = std::vector<std::pair<std::string, std::string>>;

/// An entry of WITH ( … ) in CTAS and UNLOAD; a list for ARRAY['a', 'b'].
struct WithOption {
  std::string name;  ///< in lower case
  std::string value;
  std::vector<std::string> list;
};

struct PartitionSpec {
  Properties values;  ///< column, value; a value as text, quotes taken off
  std::string location;
};

/// How the rows of an external table are stored, as its DDL says it; empty where it says nothing.
struct StorageFormat {
  std::string serde;  ///< ROW FORMAT SERDE '…'
  Properties serde_properties;
  /// ROW FORMAT DELIMITED: field.delim, escape.delim, colelction.delim, mapkey.delim, line.delim,
  /// serialization.null.format (the keys are Hive's own, also the misspelt one).
  Properties delimited;
  bool is_delimited = false;
  std::string stored_as;  ///< PARQUET, TEXTFILE, ORC, JSON … in upper case
  std::string input_format;
  std::string output_format;
};

/// A column of the result whose values are not what DuckDB calls their type.
struct OutputOverride {
  size_t column;
  std::string type;  ///< "timestamp with time zone": the text already has the zone's name
};

/// What a statement asks for. Only the members that its kind has are filled.
struct Statement {
  StatementKind kind = StatementKind::kSelect;
  TableName name;  ///< the table, view or (in `database`) the database that it is about
  bool if_exists = false;
  bool if_not_exists = false;
  bool or_replace = false;
  bool cascade = false;
  bool formatted = false;  ///< DESCRIBE FORMATTED or EXTENDED
  std::string comment;
  std::string location;  ///< as written: s3://bucket/prefix/
  std::vector<ColumnDefinition> columns;
  std::vector<ColumnDefinition> partition_columns;
  std::vector<std::string> bucketed_by;
  uint32_t buckets = 0;
  StorageFormat storage;
  Properties properties;  ///< TBLPROPERTIES or DBPROPERTIES
  std::vector<WithOption> with;
  bool with_no_data = false;
  std::vector<PartitionSpec> partitions;
  std::vector<std::string> insert_columns;
  std::string pattern;      ///< of SHOW: a regular expression as Hive has it, or LIKE's
  std::string column_name;  ///< DESCRIBE t col; CHANGE COLUMN's old name

  std::string prepared_name;                ///< PREPARE, EXECUTE, DEALLOCATE
  std::vector<std::string> execute_values;  ///< EXECUTE … USING, as written: Options::parameters

  std::string query;                      ///< DuckDB's SQL of the query part
  std::string query_text;                 ///< the query part as the user wrote it (views, PREPARE)
  std::vector<TableName> tables;          ///< what the query part reads
  std::vector<OutputOverride> overrides;  ///< of the query part's result
  uint32_t parameters = 0;                ///< number of ? in the query part

  /// DML, DDL or UTILITY, and the SubstatementType, as GetQueryExecution reports them.
  std::string_view statement_type() const;
  std::string_view substatement_type() const;
};

/// DuckDB's type of an expression in a FROM clause, e.g. "MAP(VARCHAR, INTEGER)"; none if it is not
/// known. `select` is a DuckDB query with the expression as its one column.
using TypeOracle = std::function<std::optional<std::string>(const std::string& select)>;

class Relations;

struct Options {
  /// ExecutionParameters: literals that stand for the ? of the statement, in order. With none, a ?
  /// becomes DuckDB's $1, $2 …
  std::vector<std::string> parameters;
  /// The tables that names stand for. Null: any name is taken for a table of DuckDB's.
  const Relations* relations = nullptr;
  /// Asked only for UNNEST of a column, where maps and arrays of rows need other SQL than arrays of
  /// plain values. Without it: as many aliases as a map has tell it.
  TypeOracle type_of;
};

inline constexpr size_t kStatementBytesMax = 262'144;  ///< Athena's quota
inline constexpr size_t kNestingMax = 150;             ///< parentheses, subqueries, calls
/// Operators in a row (a + b + …, but any number of AND and OR), subscripts, relations of one FROM.
inline constexpr size_t kChainMax = 250;
/// The DuckDB query is at most this many times as long as the statement, and kOutputBytesFree.
inline constexpr size_t kGrowthMax = 24;
inline constexpr size_t kOutputBytesFree = 16'384;

/// Reads one statement of Athena (Trino's SQL and Hive's DDL) and says what is to be done. A pure
/// function but for Options::type_of; bounded in time and output. DuckDB's SQL in the outcome calls
/// the macros of macros.h. What cannot be done is refused by name: NOT_SUPPORTED.
Result<Statement> read_statement(std::string_view text, const Options& options = {});

}  // namespace ticklake::query::athena
