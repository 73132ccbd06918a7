#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "gateway/answer_budget.h"
#include "gateway/context.h"
#include "gateway/sql_request.h"
#include "http/response.h"

namespace ticklake::gateway {

/// The answer to a query, as JSON.
struct QueryAnswer {
  int status = 200;
  std::string json = {};
  /// Of `json`, in the budget; free when the last copy is gone.
  std::shared_ptr<AnswerBudget::Share> memory = {};
};

/// Runs it to its end: {"columns","rows","row_count","truncated","elapsed_ms"}. With Format::kText
/// each value is a string, exactly as DuckDB prints it, or null. An error is one of the query's, or
/// that the answer is larger than kAnswerBytesMax, or that too many are held already. Any thread.
QueryAnswer run_query(Context& context, const SqlRequest& request, std::stop_token stop);

/// Its memory is held until it is sent.
http::Response to_response(QueryAnswer answer);

}  // namespace ticklake::gateway
