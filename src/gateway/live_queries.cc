#include "gateway/live_queries.h"

namespace ticklake::gateway {
struct LiveQueries::Statement {
  explicit Statement(SqlRequest the_request) : request(std::move(the_request)) {}

  const SqlRequest request;
  size_t readers = 0;
  std::stop_source stop;  ///< requested when the last reader left
  std::shared_ptr<const Frame> newest;
  uint64_t frames = 0;
  bool is_running = false;
  base::MonotonicTime due{};  ///< when it runs again
  Signal changed;             ///< a run has ended
};

LiveQueries::Reader::Reader(LiveQueries& queries, const SqlRequest& request,
                            http::Exchange& exchange)
    : queries_(queries), exchange_(exchange) {
  std::shared_ptr<Statement>& there =
      queries_.statements_[{request.sql, request.rows_max, request.dialect}];
  if (there == nullptr) there = std::make_shared<Statement>(request);
  statement_ = there;
  ++statement_->readers;
  on_leave_.emplace(exchange.stop_token(), [this] { leave(); });
}

LiveQueries::Reader::~Reader() {
  on_leave_.reset();
  leave();
}

void LiveQueries::Reader::leave() {
  if (std::exchange(has_left_, true)) return;
  if (--statement_->readers > 0) return;
  // A run may go on for a while: who comes now gets a statement anew.
  statement_->stop.request_stop();
  const SqlRequest& request = statement_->request;
  queries_.statements_.erase({request.sql, request.rows_max, request.dialect});
}

http::Task<std::shared_ptr<const LiveQueries::Frame>> LiveQueries::Reader::next() {
  const std::chrono::milliseconds at_once{0};
  bool goes_on = !has_left_;
  while (goes_on && seen_ == statement_->frames) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        statement_->due - queries_.context_.clock.monotonic_now());
    if (statement_->is_running) {
      goes_on = co_await statement_->changed.wait(exchange_);
    } else if (left > at_once) {
      goes_on = co_await statement_->changed.wait(exchange_, left);
    } else {
      co_await queries_.run(statement_, exchange_);
      goes_on = !has_left_;
    }
  }
  if (!goes_on) co_return nullptr;
  seen_ = statement_->frames;
  co_return statement_->newest;
}

http::Task<void> LiveQueries::run(std::shared_ptr<Statement> statement, http::Exchange& exchange) {
  struct Run {
    explicit Run(Statement& the_statement) : statement(the_statement) {
      statement.is_running = true;
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() {
      statement.is_running = false;
      statement.changed.notify();
    }
    Statement& statement;
  };
  const Run run(*statement);
  QueryAnswer answer;
  std::function<void()> work = [&] {
    answer = run_query(context_, statement->request, statement->stop.get_token());
  };
  const bool has_run = co_await context_.places.run(exchange, std::move(work));
  if (!has_run || statement->readers == 0) co_return;
  auto frame = std::make_shared<Frame>();
  frame->text = answer.status == 200 ? "event: result\ndata: " : "event: failed\ndata: ";
  frame->text += answer.json + "\n";
  frame->memory = std::move(answer.memory);
  statement->newest = std::move(frame);
  ++statement->frames;
  statement->due = context_.clock.monotonic_now() + context_.options.live_interval;
}

}  // namespace ticklake::gateway
