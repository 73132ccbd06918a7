#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "query/athena/error.h"

namespace ticklake::query::executions {

enum class ExecutionState : uint8_t { kQueued, kRunning, kSucceeded, kFailed, kCancelled };

/// `QUEUED`, `RUNNING`, … as Athena names them.
std::string_view name_of(ExecutionState state);
constexpr bool is_final(ExecutionState state) { return state >= ExecutionState::kSucceeded; }

/// A column of a result, as ColumnInfo has it.
struct ResultColumn {
  std::string name;
  std::string type;  ///< Athena's short name: integer, varchar, decimal, array …
  int64_t precision = 0;
  int64_t scale = 0;

  bool operator==(const ResultColumn&) const = default;
};

/// ColumnInfo of a type as results name it in full: `decimal(10,2)`, `array(integer)`.
ResultColumn result_column(std::string name, const std::string& full_type);

struct ExecutionStatistics {
  uint64_t scanned_bytes = 0;
  int64_t queued_ms = 0;
  int64_t planning_ms = 0;
  int64_t engine_ms = 0;
  int64_t total_ms = 0;

  bool operator==(const ExecutionStatistics&) const = default;
};

/// One statement that somebody had run, and what became of it.
struct Execution {
  std::string id;  ///< a UUID
  std::string sql;
  std::string statement_type = {};     ///< DML, DDL, UTILITY; empty where it does not parse
  std::string substatement_type = {};  ///< SELECT, CREATE_TABLE_AS_SELECT …
  std::string work_group;
  std::string catalog = {};   ///< of the query's context, as the client wrote it
  std::string database = {};  ///< likewise
  std::vector<std::string> parameters = {};
  std::string output_location = {};  ///< the folder: `s3://bucket/prefix/`
  std::string output_file = {};      ///< what GetQueryExecution calls OutputLocation
  std::string manifest = {};         ///< DataManifestLocation; empty if there is none
  std::string token = {};            ///< ClientRequestToken
  std::string caller = {};           ///< an ARN

  ExecutionState state = ExecutionState::kQueued;
  std::string reason = {};  ///< StateChangeReason
  std::optional<athena::AthenaError> error = {};
  base::WallTime submitted{};
  std::optional<base::WallTime> completed = {};
  ExecutionStatistics statistics = {};

  std::vector<ResultColumn> columns = {};
  bool has_header = false;  ///< the result's first row are the names of the columns
  std::optional<uint64_t> update_count = {};
  std::optional<uint64_t> result_rows = {};  ///< without that first row
};

/// As it stands in the file of executions. `record` must be what to_record() made: nothing is
/// given for what is not.
std::string to_record(const Execution& execution);
std::optional<Execution> parse_record(std::string_view record);

}  // namespace ticklake::query::executions
