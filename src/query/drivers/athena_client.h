#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/athena_messages.h"
#include "aws/json_client.h"
#include "base/random.h"
#include "base/result.h"
#include "query/query_engine.h"

namespace ticklake::query::drivers {

/// What each statement is submitted with.
struct AthenaOptions {
  std::string work_group = "primary";
  std::string catalog = {};  ///< empty: AwsDataCatalog
  std::string database = {};
  std::string output_location = {};  ///< empty: the work group's
};

/// How long to wait between two looks at an execution: the first look is at once.
inline constexpr std::chrono::milliseconds kFirstPollDelay{100};
inline constexpr std::chrono::milliseconds kPollDelayMax{2'000};
/// How long a cancelled execution is waited for, to tell what it has scanned.
inline constexpr std::chrono::seconds kCancelMax{5};
/// More tables of a database are not listed.
inline constexpr size_t kListedTablesMax = 1'000;

/// An execution that succeeded, read page by page.
class AthenaResult {
 public:
  const std::vector<Column>& columns() const { return columns_; }
  /// The next rows; no rows are the end.
  base::Result<RowBlock> next(const std::stop_token& stop);

 private:
  friend class AthenaClient;
  AthenaResult(aws::JsonClient& client, const aws::athena::QueryExecution& execution)
      : client_(client),
        request_{.id = execution.id},
        is_query_(execution.statement_type == "DML") {}
  base::Result<void> read_page(const std::stop_token& stop);
  void append(const aws::athena::ResultRow& row);

  aws::JsonClient& client_;
  aws::athena::ResultsRequest request_;
  const bool is_query_;
  bool is_at_end_ = false;
  std::vector<Column> columns_;
  RowBlock page_;
};

/// Runs statements on Amazon Athena: submits, polls, reads the pages of the result. Source: Amazon
/// Athena API Reference. One thread at a time.
class AthenaClient {
 public:
  /// `client` is of aws::kAthena; `clock` must outlive it.
  AthenaClient(aws::JsonClient client, AthenaOptions options, aws::Wait wait,
               const base::Clock& clock, uint64_t seed);

  /// Submits the statement and waits for its end. kInvalidData, with Athena's reason, if it FAILED;
  /// kInterrupted if `stop` was requested: the execution is cancelled then.
  base::Result<aws::athena::QueryExecution> run(const std::string& sql,
                                                const std::stop_token& stop);
  /// The rows of what run() gave; at most about `rows_wanted` a page. The client must outlive it.
  base::Result<AthenaResult> open_result(const aws::athena::QueryExecution& execution,
                                         std::optional<uint64_t> rows_wanted,
                                         const std::stop_token& stop);
  /// Those of the database, in the order of their names.
  base::Result<std::vector<TableColumns>> tables(const std::stop_token& stop);

  /// As Athena told of the last run(): also of one that failed or was cancelled.
  const std::optional<aws::athena::QueryExecution>& last() const { return last_; }

 private:
  base::Result<std::string> start(const std::string& sql);
  base::Result<aws::athena::QueryExecution> look(const std::string& id,
                                                 const std::stop_token& stop);
  base::Error cancel(const std::string& id);

  aws::JsonClient client_;
  const AthenaOptions options_;
  const aws::Wait wait_;
  const base::Clock& clock_;
  base::Random random_;
  std::optional<aws::athena::QueryExecution> last_;
};

}  // namespace ticklake::query::drivers
