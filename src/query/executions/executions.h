#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "query/executions/backend.h"
#include "query/executions/caller_rights.h"
#include "query/executions/execution_store.h"
#include "query/executions/result_text.h"

namespace ticklake::query::executions {

struct ExecutionsOptions {
  /// The primary work group's; its bucket is made if it is not there.
  std::string output_location = "s3://athena-results/";
  size_t running_max = 4;  ///< more wait in the queue
  size_t queued_max = 200;
  /// How long the first look at an execution waits for its end, so that who polls once a second
  /// need not poll twice for a query of milliseconds.
  std::chrono::milliseconds first_look_max{100};
};

struct StartRequest {
  std::string sql;
  std::string token = {};  ///< ClientRequestToken
  std::string catalog = {};
  std::string database = {};
  std::string output_location = {};  ///< empty: the work group's
  std::string work_group = {};       ///< empty: primary
  std::vector<std::string> parameters = {};
  Caller caller = {};
};

struct ResultPage {
  std::vector<ResultRow> rows;
  std::string next;  ///< empty at the end
};

/// A failure of the file of executions, for a client.
aws::ServiceError store_failure(const base::Error& error);
/// InvalidRequestException, with Athena's code of what is wrong.
tl::unexpected<aws::ServiceError> invalid_request(std::string message,
                                                  std::string code = "INVALID_INPUT");

/// Athena's query executions: statements that are run one after another in the background, whose
/// results stand in S3 and whose records survive a restart. Safe from any thread.
class Executions {
 public:
  /// `path`: the file of ExecutionStore. What `backend` refers to must outlive it.
  static base::Result<std::unique_ptr<Executions>> open(Backend backend, const base::Path& path,
                                                        ExecutionsOptions options = {});
  /// What runs is interrupted; it is FAILED when the file is opened again.
  ~Executions();

  /// The id of the execution; that of an earlier one with the same token and statement. Refuses
  /// with InvalidRequestException or TooManyRequestsException.
  aws::Answer<std::string> start(StartRequest request);
  /// Waits a moment for the end if it is the first look. InvalidRequestException if there is none.
  aws::Answer<Execution> look(std::string_view id);
  /// The same without waiting; none if there is none.
  aws::Answer<std::optional<Execution>> find(std::string_view id);
  /// An execution that has ended stays as it is.
  aws::Answer<void> stop(std::string_view id);
  /// Rows of an execution that succeeded, from `token` on. The caller needs s3:GetObject.
  aws::Answer<ResultPage> results(const Execution& execution, const CallerRights& rights,
                                  size_t rows_max, std::string_view token);

  /// A UUID that nobody has.
  std::string new_id() const;
  /// The UUID that a client's token always gives.
  static std::string id_of_token(std::string_view token);

  ExecutionStore& store() { return *store_; }
  const Backend& backend() const { return backend_; }

 private:
  struct Active;
  Executions(Backend backend, std::unique_ptr<ExecutionStore> store, ExecutionsOptions options);
  base::Result<void> make_primary();
  aws::Answer<Execution> planned(const StartRequest& request);
  void work(const std::stop_token& ended);
  void run(Active& active);

  const Backend backend_;
  const std::unique_ptr<ExecutionStore> store_;
  const ExecutionsOptions options_;
  std::mutex start_mutex_;  ///< one start at a time, for the sake of tokens
  std::mutex mutex_;        ///< guards all below
  std::condition_variable_any changed_;
  bool is_closing_ = false;
  std::map<std::string, std::shared_ptr<Active>, std::less<>> active_;
  std::deque<std::shared_ptr<Active>> queue_;
  std::vector<std::jthread> workers_;  // last, so that they end first
};

}  // namespace ticklake::query::executions
