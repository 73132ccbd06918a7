#include "query/drivers/athena_client.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/athena_metadata_messages.h"
#include "base/split.h"
#include "catalog/message_call.h"

namespace ticklake::query::drivers {
namespace {

namespace messages = aws::athena;

constexpr const char* kDefaultCatalog = "AwsDataCatalog";
constexpr const char* kDefaultDatabase = "default";

using catalog::call;

base::Error failed(const messages::QueryExecution& execution) {
  base::Error error{
      base::ErrorCode::kInvalidData, "the query failed", execution.status.reason, {}, false};
  if (error.cause.empty()) error.cause = "Athena gives no reason";
  error.cause += " (query execution " + execution.id + ")";
  if (execution.status.failure && execution.status.failure->is_retryable) {
    error.advice = "run it again: Athena says that it may succeed then";
  }
  return error;
}

/// DESCRIBE and SHOW give one text a row, its columns separated by tabs and padded with blanks.
std::vector<std::string> split_line(std::string_view line) {
  std::vector<std::string> cells;
  for (const std::string_view cell : base::split(line, '\t'))
    cells.emplace_back(cell.substr(0, cell.find_last_not_of(' ') + 1));
  return cells;
}

}  // namespace

base::Result<void> AthenaResult::read_page(const std::stop_token& stop) {
  const bool is_first = columns_.empty();
  TICKLAKE_ASSIGN(messages::ResultsAnswer answer,
                  call<messages::ResultsAnswer>(client_, "GetQueryResults", request_, stop));
  request_.token = std::move(answer.next);
  is_at_end_ = request_.token.empty();
  if (is_first) {
    for (const messages::ColumnInfo& column : answer.result.metadata.columns)
      columns_.push_back({column.name, column.type, kind_of_name(column.type)});
  }
  page_ = RowBlock(columns_.size());
  std::vector<messages::ResultRow>& rows = answer.result.rows;
  const auto is_header = [&](const messages::ResultRow& row) {
    return std::ranges::equal(row.data, columns_, {}, &messages::Datum::value,
                              [](const Column& column) { return std::optional(column.name); });
  };
  const bool has_header = is_first && is_query_ && !rows.empty() && is_header(rows.front());
  for (size_t i = has_header ? 1 : 0; i < rows.size(); ++i)
    append(rows[i]);
  return {};
}

void AthenaResult::append(const messages::ResultRow& row) {
  std::vector<std::optional<std::string>> cells;
  if (!is_query_ && row.data.size() == 1 && columns_.size() > 1) {
    for (std::string& cell : split_line(row.data[0].value.value_or("")))
      cells.emplace_back(std::move(cell));
  } else {
    for (const messages::Datum& datum : row.data)
      cells.push_back(datum.value);
  }
  cells.resize(columns_.size());
  for (const std::optional<std::string>& cell : cells)
    page_.append(cell ? std::optional<std::string_view>(*cell) : std::nullopt);
}

base::Result<RowBlock> AthenaResult::next(const std::stop_token& stop) {
  // A page may have no rows and yet a next one.
  while (page_.rows() == 0 && !is_at_end_)
    TICKLAKE_TRY(read_page(stop));
  return std::exchange(page_, RowBlock(columns_.size()));
}

AthenaClient::AthenaClient(aws::JsonClient client, AthenaOptions options, aws::Wait wait,
                           const base::Clock& clock, uint64_t seed)
    : client_(std::move(client)),
      options_(std::move(options)),
      wait_(std::move(wait)),
      clock_(clock),
      random_(seed) {}

base::Result<std::string> AthenaClient::start(const std::string& sql) {
  messages::StartQuery request{.sql = sql};
  // The same at each attempt, so that none starts a second execution.
  request.token = fmt::format("{:016x}{:016x}", random_.next(), random_.next());
  request.work_group = options_.work_group;
  if (!options_.database.empty() || !options_.catalog.empty()) {
    request.context = {.database = options_.database, .catalog = options_.catalog};
  }
  if (!options_.output_location.empty()) request.result = {options_.output_location};
  // Not to be stopped: it takes a moment, and what was started must be known to be cancelled.
  TICKLAKE_ASSIGN(messages::ExecutionId started,
                  call<messages::ExecutionId>(client_, "StartQueryExecution", request, {}));
  return std::move(started.id);
}

base::Result<messages::QueryExecution> AthenaClient::look(const std::string& id,
                                                          const std::stop_token& stop) {
  TICKLAKE_ASSIGN(auto answer, call<messages::QueryExecutionAnswer>(
                                   client_, "GetQueryExecution", messages::ExecutionId{id}, stop));
  last_ = answer.execution;
  return std::move(answer.execution);
}

base::Result<messages::QueryExecution> AthenaClient::run(const std::string& sql,
                                                         const std::stop_token& stop) {
  last_.reset();
  if (stop.stop_requested()) {
    return base::fail(base::ErrorCode::kInterrupted, "the query was cancelled",
                      "it was not submitted");
  }
  TICKLAKE_ASSIGN(const std::string id, start(sql));
  std::chrono::milliseconds delay = kFirstPollDelay;
  while (!stop.stop_requested()) {
    auto execution = look(id, stop);
    if (!execution) {
      if (stop.stop_requested()) break;
      return tl::unexpected(std::move(execution).error());
    }
    if (execution->status.is_cancelled()) {
      return base::fail(base::ErrorCode::kInterrupted, "the query was cancelled",
                        "somebody else stopped the query execution " + id);
    }
    if (execution->status.state == "FAILED") return tl::unexpected(failed(*execution));
    if (execution->status.is_final()) return execution;
    wait_(delay, stop);
    delay = std::min(delay * 3 / 2, kPollDelayMax);
  }
  return tl::unexpected(cancel(id));
}

base::Error AthenaClient::cancel(const std::string& id) {
  base::Error error{base::ErrorCode::kInterrupted, "the query was cancelled", {}, {}, false};
  const auto stopped =
      client_.call("StopQueryExecution", aws::MessageWriter::write(messages::ExecutionId{id}));
  if (!stopped) {
    error.what = "the query goes on in Athena";
    error.cause = "it could not be cancelled: " + base::to_line(stopped.error().error);
    error.advice = "aws athena stop-query-execution --query-execution-id " + id;
    return error;
  }
  const base::MonotonicTime end = clock_.monotonic_now() + kCancelMax;
  error.cause = "Athena was told to stop the query execution " + id;
  while (clock_.monotonic_now() < end) {
    const auto execution = look(id, {});
    if (!execution) return error;
    if (execution->status.is_final()) {
      error.cause = "the query execution " + id + " is " + execution->status.state;
      return error;
    }
    wait_(kFirstPollDelay, {});
  }
  return error;
}

base::Result<AthenaResult> AthenaClient::open_result(const messages::QueryExecution& execution,
                                                     std::optional<uint64_t> rows_wanted,
                                                     const std::stop_token& stop) {
  AthenaResult result(client_, execution);
  // The header, and one more to know that there are more.
  constexpr uint64_t kBeside = 2;
  const auto page_max = static_cast<uint64_t>(messages::kPageRowsMax);
  result.request_.rows_max = static_cast<int64_t>(
      std::min(page_max, std::min(rows_wanted.value_or(page_max), page_max) + kBeside));
  TICKLAKE_TRY(result.read_page(stop));
  return result;
}

base::Result<std::vector<TableColumns>> AthenaClient::tables(const std::stop_token& stop) {
  messages::TablesRequest request{
      .catalog = options_.catalog.empty() ? kDefaultCatalog : options_.catalog,
      .database = options_.database.empty() ? kDefaultDatabase : options_.database};
  std::vector<TableColumns> tables;
  do {
    TICKLAKE_ASSIGN(auto page,
                    call<messages::TablesAnswer>(client_, "ListTableMetadata", request, stop));
    for (const messages::TableMetadata& table : page.tables) {
      TableColumns& made = tables.emplace_back();
      made.name = table.name;
      for (const auto* columns : {&table.columns, &table.partition_keys}) {
        for (const messages::TableColumn& column : *columns)
          made.columns.push_back({column.name, column.type, kind_of_name(column.type)});
      }
    }
    request.token = std::move(page.next);
  } while (!request.token.empty() && tables.size() < kListedTablesMax);
  return tables;
}

}  // namespace ticklake::query::drivers
