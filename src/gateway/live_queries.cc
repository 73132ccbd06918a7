#include "gateway/live_queries.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/pool.h"

namespace ticklake::gateway {
namespace {

namespace net = boost::asio;

net::awaitable<void> wait(net::steady_timer& timer) {
  boost::system::error_code ignored;  // a timer that is cancelled is how others are woken
  co_await timer.async_wait(net::redirect_error(net::use_awaitable, ignored));
}

}  // namespace

struct LiveQueries::Statement {
  Statement(SqlRequest the_request, const net::any_io_executor& executor)
      : request(std::move(the_request)), changed(executor), pause(executor) {
    changed.expires_at(net::steady_timer::time_point::max());
  }

  SqlRequest request;
  size_t readers = 0;
  std::stop_source stop;  ///< requested when the last reader left
  std::shared_ptr<const Frame> newest;
  uint64_t frames = 0;
  bool has_ended = false;
  net::steady_timer changed;  ///< never expires; cancelled when one of the above has changed
  net::steady_timer pause;    ///< between two runs
};

LiveQueries::LiveQueries(Context& context, net::thread_pool& pool,
                         std::set<std::stop_source*>& queries)
    : context_(context), pool_(pool), queries_(queries) {}

LiveQueries::~LiveQueries() = default;

LiveQueries::Reader::Reader(LiveQueries& queries, const SqlRequest& request,
                            const net::any_io_executor& executor)
    : queries_(queries) {
  std::weak_ptr<Statement>& there =
      queries_.statements_[{request.sql, request.rows_max, request.dialect}];
  statement_ = there.lock();
  const bool is_first = statement_ == nullptr;
  if (is_first) there = statement_ = std::make_shared<Statement>(request, executor);
  ++statement_->readers;
  if (is_first) net::co_spawn(executor, run(queries_, statement_), net::detached);
}

LiveQueries::Reader::~Reader() {
  if (--statement_->readers > 0) return;
  statement_->stop.request_stop();
  statement_->pause.cancel();
  queries_.statements_.erase(
      {statement_->request.sql, statement_->request.rows_max, statement_->request.dialect});
}

net::awaitable<std::shared_ptr<const LiveQueries::Frame>> LiveQueries::Reader::next(
    std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { statement_->changed.cancel(); });
  while (seen_ == statement_->frames) {
    if (stop.stop_requested() || statement_->has_ended) co_return nullptr;
    co_await wait(statement_->changed);
  }
  seen_ = statement_->frames;
  co_return statement_->newest;
}

net::awaitable<void> LiveQueries::run(LiveQueries& queries, std::shared_ptr<Statement> statement) {
  try {
    while (statement->readers > 0) {
      const Response response = co_await queries.answer(*statement);
      if (statement->readers == 0) break;
      auto frame = std::make_shared<Frame>();
      frame->text = response.status == 200 ? "event: result\ndata: " : "event: failed\ndata: ";
      frame->text += response.body + "\n";
      frame->memory = response.memory;
      statement->newest = std::move(frame);
      ++statement->frames;
      statement->changed.cancel();
      statement->pause.expires_after(queries.context_.options.live_interval);
      co_await wait(statement->pause);
    }
  } catch (const std::exception& error) {
    queries.context_.logger.error("a live query failed: {}", error.what());
  }
  statement->has_ended = true;
  statement->changed.cancel();
}

net::awaitable<Response> LiveQueries::answer(Statement& statement) {
  Response response;
  std::function<void()> work = [&] {
    response = answer_query(context_, statement.request, statement.stop.get_token());
  };
  queries_.insert(&statement.stop);
  co_await run_on_pool(pool_, work);
  queries_.erase(&statement.stop);
  co_return response;
}

}  // namespace ticklake::gateway
