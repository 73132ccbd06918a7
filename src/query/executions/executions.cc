#include "query/executions/executions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include "aws/hash.h"
#include "base/base64.h"
#include "query/executions/statement_run.h"

namespace ticklake::query::executions {
namespace {

constexpr size_t kReadBytes = 256 * 1024;

int64_t milliseconds_between(base::MonotonicTime begin, base::MonotonicTime end) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count();
}

/// A token of results(): whose, and from which byte of the file.
std::string to_token(const std::string& id, uint64_t offset) {
  return base::to_base64(base::as_bytes(id + ":" + std::to_string(offset)));
}
std::optional<uint64_t> offset_of(std::string_view token, const std::string& id) {
  if (token.empty()) return 0;
  const auto bytes = base::from_base64(token);
  if (!bytes) return std::nullopt;
  std::string_view text = base::as_text(*bytes);
  if (!text.starts_with(id + ":")) return std::nullopt;
  text.remove_prefix(id.size() + 1);
  uint64_t offset = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, offset).ptr != end) return std::nullopt;
  return offset;
}

/// Of version 4.
std::string uuid_of(std::array<std::byte, 16> bytes) {
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned>(bytes[i]));
  }
  return text;
}

}  // namespace

aws::ServiceError store_failure(const base::Error& error) {
  return {aws::ErrorKind::kInternal,
          "Athena's records cannot be read or written just now.",
          base::to_line(error),
          "InternalServerException",
          500,
          {}};
}

tl::unexpected<aws::ServiceError> invalid_request(std::string message, std::string code) {
  auto error = aws::refuse_as("InvalidRequestException", std::move(message)).value();
  error.members.emplace_back("AthenaErrorCode", std::move(code));
  return tl::unexpected(std::move(error));
}

/// An execution that has not ended. Below: guarded by the mutex of Executions.
struct Executions::Active {
  Execution execution;
  Caller caller;
  std::stop_source stop;
  base::MonotonicTime queued{};
  bool was_looked_at = false;
};

Executions::Executions(Backend backend, std::unique_ptr<ExecutionStore> store,
                       ExecutionsOptions options)
    : backend_(std::move(backend)), store_(std::move(store)), options_(std::move(options)) {}

Executions::~Executions() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    for (const auto& [id, active] : active_)
      active->stop.request_stop();
  }
  for (std::jthread& worker : workers_)
    worker.request_stop();
  workers_.clear();
}

base::Result<std::unique_ptr<Executions>> Executions::open(Backend backend, const base::Path& path,
                                                           ExecutionsOptions options) {
  TICKLAKE_ASSIGN(auto store, ExecutionStore::open(backend.files, path, backend.clock.wall_now()));
  auto executions = std::unique_ptr<Executions>(
      new Executions(std::move(backend), std::move(store), std::move(options)));
  TICKLAKE_TRY(executions->make_primary());
  for (size_t i = 0; i < executions->options_.running_max; ++i) {
    executions->workers_.emplace_back(
        [self = executions.get()](const std::stop_token& ended) { self->work(ended); });
  }
  return executions;
}

base::Result<void> Executions::make_primary() {
  const auto location = S3Location::parse(options_.output_location);
  if (location && !backend_.buckets.find_bucket(location->bucket)) {
    TICKLAKE_TRY(backend_.buckets.create_bucket(location->bucket));
  }
  TICKLAKE_ASSIGN(const auto group, store_->find_group(kPrimaryWorkGroup));
  if (group) return {};
  WorkGroup primary;
  primary.name = kPrimaryWorkGroup;
  primary.output_location = options_.output_location;
  primary.created = backend_.clock.wall_now();
  return store_->put(primary);
}

std::string Executions::new_id() const {
  std::array<std::byte, 16> bytes{};
  backend_.random(bytes);
  return uuid_of(bytes);
}

std::string Executions::id_of_token(std::string_view token) {
  const auto digest = aws::sha256(token);
  std::array<std::byte, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return uuid_of(bytes);
}

aws::Answer<Execution> Executions::planned(const StartRequest& request) {
  Execution execution;
  execution.work_group =
      request.work_group.empty() ? std::string(kPrimaryWorkGroup) : request.work_group;
  auto group = store_->find_group(execution.work_group);
  if (!group) return tl::unexpected(store_failure(group.error()));
  if (!*group) return invalid_request("WorkGroup " + execution.work_group + " is not found.");
  if (!(*group)->is_enabled) {
    return invalid_request("WorkGroup " + execution.work_group + " is disabled.");
  }
  const bool takes_groups = request.output_location.empty() || (*group)->enforces_configuration;
  const auto location =
      S3Location::parse(takes_groups ? (*group)->output_location : request.output_location);
  if (!location) {
    return invalid_request(
        "No output location provided. An output location is required either "
        "through the Workgroup result configuration setting or as an API input.",
        "INVALID_OUTPUT_LOCATION");
  }
  if (!backend_.buckets.find_bucket(location->bucket)) {
    return invalid_request("Unable to verify/create output bucket " + location->bucket,
                           "INVALID_OUTPUT_LOCATION");
  }
  execution.id = new_id();
  execution.sql = request.sql;
  execution.catalog = request.catalog;
  execution.database = request.database;
  execution.parameters = request.parameters;
  execution.token = request.token;
  execution.caller = request.caller.principal.arn;
  execution.output_location = location->as_folder().text();
  execution.submitted = backend_.clock.wall_now();
  athena::Options options;
  options.parameters = request.parameters;
  std::string_view suffix = ".txt";
  if (const auto statement = athena::read_statement(request.sql, options)) {
    execution.statement_type = statement->statement_type();
    execution.substatement_type = statement->substatement_type();
    if (statement->kind == athena::StatementKind::kSelect) suffix = ".csv";
  }
  execution.output_file = execution.output_location + execution.id;
  execution.output_file.append(suffix);
  return execution;
}

aws::Answer<std::string> Executions::start(StartRequest request) {
  const std::lock_guard starting(start_mutex_);
  const std::string& caller = request.caller.principal.arn;
  auto earlier = store_->find_token(request.token, caller);
  if (!earlier) return tl::unexpected(store_failure(earlier.error()));
  if (*earlier) {
    if ((*earlier)->sql == request.sql) return (*earlier)->id;
    return invalid_request("Idempotent parameters do not match", "DUPLICATE_INPUT");
  }
  TICKLAKE_ASSIGN(Execution execution, planned(request));
  auto active = std::make_shared<Active>();
  active->execution = execution;
  active->caller = std::move(request.caller);
  active->queued = backend_.clock.monotonic_now();
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.queued_max) {
      auto error = aws::refuse_as("TooManyRequestsException",
                                  "You have exceeded the limit for the "
                                  "number of queries you can run "
                                  "concurrently.")
                       .value();
      error.members.emplace_back("Reason", "CONCURRENT_QUERY_LIMIT_EXCEEDED");
      return tl::unexpected(std::move(error));
    }
  }
  if (const auto put = store_->put(execution); !put)
    return tl::unexpected(store_failure(put.error()));
  {
    const std::lock_guard lock(mutex_);
    active_.emplace(execution.id, active);
    queue_.push_back(std::move(active));
  }
  changed_.notify_all();
  return execution.id;
}

aws::Answer<std::optional<Execution>> Executions::find(std::string_view id) {
  {
    const std::lock_guard lock(mutex_);
    const auto active = active_.find(id);
    if (active != active_.end()) return active->second->execution;
  }
  auto found = store_->find(id);
  if (!found) return tl::unexpected(store_failure(found.error()));
  return std::move(*found);
}

aws::Answer<Execution> Executions::look(std::string_view id) {
  {
    std::unique_lock lock(mutex_);
    const auto found = active_.find(id);
    if (found != active_.end() && !found->second->was_looked_at) {
      found->second->was_looked_at = true;
      changed_.wait_for(lock, options_.first_look_max,
                        [&] { return active_.find(id) == active_.end(); });
    }
  }
  TICKLAKE_ASSIGN(auto execution, find(id));
  if (!execution) {
    return invalid_request("QueryExecution " + std::string(id) + " was not found");
  }
  return std::move(*execution);
}

aws::Answer<void> Executions::stop(std::string_view id) {
  {
    const std::lock_guard lock(mutex_);
    const auto active = active_.find(id);
    if (active != active_.end()) {
      active->second->stop.request_stop();
      return {};
    }
  }
  TICKLAKE_ASSIGN(const auto execution, find(id));
  if (execution) return {};
  return invalid_request("QueryExecution " + std::string(id) + " was not found");
}

void Executions::work(const std::stop_token& ended) {
  while (true) {
    std::shared_ptr<Active> active;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, ended, [this] { return !queue_.empty(); });
      if (ended.stop_requested()) return;
      active = std::move(queue_.front());
      queue_.pop_front();
      active->execution.state = ExecutionState::kRunning;
    }
    run(*active);
  }
}

void Executions::run(Active& active) {
  const base::MonotonicTime begin = backend_.clock.monotonic_now();
  Execution execution;
  {
    const std::lock_guard lock(mutex_);
    execution = active.execution;
  }
  const std::stop_token stop = active.stop.get_token();
  athena::Result<void> outcome;
  const bool is_run = !stop.stop_requested();
  if (is_run) {
    StatementRun statement(backend_, *store_, active.caller, execution, stop);
    outcome = statement.run();
  }
  const base::MonotonicTime end = backend_.clock.monotonic_now();
  ExecutionStatistics& statistics = execution.statistics;
  statistics.queued_ms = milliseconds_between(active.queued, begin);
  statistics.engine_ms = milliseconds_between(begin, end);
  statistics.total_ms = milliseconds_between(active.queued, end);
  execution.completed = backend_.clock.wall_now();
  execution.state = ExecutionState::kSucceeded;
  if (!outcome) {
    execution.state = ExecutionState::kFailed;
    execution.reason = outcome.error().reason();
    execution.error = outcome.error();
  }
  if (!is_run || (!outcome && stop.stop_requested())) {
    execution.state = ExecutionState::kCancelled;
    execution.reason = "Query cancelled by user";
    execution.error.reset();
  }
  std::unique_lock lock(mutex_);
  const bool is_closing = is_closing_;
  lock.unlock();
  if (!is_closing) {
    if (const auto put = store_->put(execution); !put) {
      backend_.logger.error("query execution {}: {}", execution.id, base::to_line(put.error()));
    }
  }
  lock.lock();
  active_.erase(execution.id);
  lock.unlock();
  changed_.notify_all();
}

aws::Answer<ResultPage> Executions::results(const Execution& execution, const CallerRights& rights,
                                            size_t rows_max, std::string_view token) {
  if (!is_final(execution.state)) {
    return invalid_request(
        "Query has not yet finished. Current state: " + std::string(name_of(execution.state)),
        "INVALID_QUERY_EXECUTION_STATE");
  }
  if (execution.state != ExecutionState::kSucceeded) {
    return invalid_request("Query did not finish successfully. Final query state: " +
                               std::string(name_of(execution.state)),
                           "INVALID_QUERY_EXECUTION_STATE");
  }
  const std::string& name = execution.output_file;
  if (!name.ends_with(".csv") && !name.ends_with(".txt")) return ResultPage{};
  const auto file = S3Location::parse(execution.output_file);
  const auto offset = offset_of(token, execution.id);
  if (!offset) return invalid_request("NextToken is not one of this query's");
  if (!file) return invalid_request("The results are not there");
  if (const auto may = rights.check_object("GetObject", *file); !may) {
    return aws::refuse(aws::ErrorKind::kAccessDenied, may.error().message);
  }
  auto object = backend_.buckets.open_object(file->bucket, file->key);
  if (!object) {
    return invalid_request("Could not find results: " + file->text(), "RESULTS_NOT_FOUND");
  }
  ResultReader reader(execution.has_header ? ResultReader::Form::kCsv : ResultReader::Form::kLines,
                      rows_max);
  std::string buffer(kReadBytes, '\0');
  uint64_t at = *offset;
  while (!reader.is_full()) {
    auto read = object->file->read_at(
        at, std::as_writable_bytes(std::span<char>(buffer.data(), buffer.size())));
    if (!read) return tl::unexpected(store_failure(read.error()));
    if (*read == 0) break;
    at += *read;
    reader.take(std::string_view(buffer).substr(0, *read));
  }
  if (!reader.is_full()) reader.finish();
  ResultPage page{reader.rows(), {}};
  const uint64_t next = *offset + reader.taken();
  if (reader.is_full() && next < object->head.bytes) page.next = to_token(execution.id, next);
  return page;
}

}  // namespace ticklake::query::executions
