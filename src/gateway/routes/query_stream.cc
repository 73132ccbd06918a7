#include <memory>
#include <optional>

#include "gateway/error_answer.h"
#include "gateway/routes.h"
#include "query/format.h"
#include "query/query_memory.h"

namespace ticklake::gateway {
namespace {

/// A query whose rows go out as they are made. One step at a time, on any thread.
class RowStream {
 public:
  RowStream(Context& context, const SqlRequest& request, std::stop_token stop)
      : context_(context), request_(request), stop_(std::move(stop)) {}

  /// Begins it, and makes the first rows: most errors come by then.
  void open() {
    auto started =
        context_.engine.start({request_.sql, request_.rows_max, context_.options.query_time_max,
                               stop_, !is_csv(), request_.dialect});
    if (!started) {
      failure_ = std::move(started).error();
      return;
    }
    query_.emplace(std::move(*started));
    if (is_csv()) query::append_csv_header(query_->columns(), text_);
    step();
  }
  void step() {
    const auto done = query::within_query_memory([this]() -> base::Result<void> {
      TICKLAKE_ASSIGN(const query::RowBlock block, query_->next());
      has_more_ = block.rows() > 0;
      if (has_more_ && is_csv()) query::append_csv_rows(block, text_);
      if (has_more_ && !is_csv()) query::append_json_lines(query_->columns(), block, text_);
      return {};
    });
    if (done) return;
    failure_ = done.error();
    has_more_ = false;
    text_.clear();  // what was refused memory may have left a part of a row
  }

  bool has_more() const { return has_more_; }
  const std::optional<base::Error>& failure() const { return failure_; }
  std::string take_text() { return std::exchange(text_, {}); }
  std::string_view content_type() const {
    return is_csv() ? "text/csv; charset=utf-8" : "application/x-ndjson";
  }

 private:
  bool is_csv() const { return request_.format == SqlRequest::Format::kCsv; }

  Context& context_;
  const SqlRequest request_;
  const std::stop_token stop_;
  std::optional<query::RunningQuery> query_;
  std::string text_;
  bool has_more_ = false;
  std::optional<base::Error> failure_;
};

http::Task<base::Result<void>> write_rows(Context& context, http::Exchange& exchange,
                                          std::shared_ptr<RowStream> rows, http::BodyWriter& body) {
  while (true) {
    const std::string text = rows->take_text();
    if (!text.empty()) {
      TICKLAKE_CO_TRY(co_await body.write(text));
    }
    // Cut off in the middle is all that HTTP can say of an error after the head.
    if (rows->failure()) co_return tl::unexpected(*rows->failure());
    if (!rows->has_more()) co_return base::Result<void>();
    std::function<void()> step = [&rows] { rows->step(); };
    const bool has_run = co_await context.places.run(exchange, std::move(step));
    if (!has_run) co_return base::fail(base::ErrorCode::kUnavailable, "the client is gone");
  }
}

}  // namespace

http::Task<http::Response> stream_rows(Context& context, http::Exchange& exchange,
                                       const SqlRequest& request) {
  auto rows = std::make_shared<RowStream>(context, request, exchange.stop_token());
  std::function<void()> open = [&rows] { rows->open(); };
  co_await context.places.run(exchange, std::move(open));
  if (rows->failure()) co_return error_answer(*rows->failure());
  http::Response response = http::Response::of(200, rows->content_type(), {});
  response.body = http::BodyStream{
      [&context, &exchange, rows](http::BodyWriter& body) -> http::Task<base::Result<void>> {
        return write_rows(context, exchange, rows, body);
      }};
  co_return response;
}

}  // namespace ticklake::gateway
