#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "gateway/routes.h"

namespace ticklake::gateway {

/// Statements that run again and again for as long as somebody looks at their results: once an
/// interval each, however many look. Whoever comes later gets the newest result at once; whoever is
/// slower than the interval misses what came between. The last one who leaves ends the statement.
/// The server's thread only.
class LiveQueries {
 public:
  /// An event of the stream, `event: result` or `event: failed`.
  struct Frame {
    std::string text;
    std::shared_ptr<void> memory;  ///< of the answer's budget
  };

 private:
  struct Statement;

 public:
  /// One who looks at a statement.
  class Reader {
   public:
    Reader(LiveQueries& queries, const SqlRequest& request,
           const boost::asio::any_io_executor& executor);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// The newest frame that this reader has not seen, as soon as there is one; null when `stop`
    /// was requested before.
    boost::asio::awaitable<std::shared_ptr<const Frame>> next(std::stop_token stop);

   private:
    LiveQueries& queries_;
    std::shared_ptr<Statement> statement_;
    uint64_t seen_ = 0;
  };

  /// `queries` are stopped when the server stops; those of this object are among them while they
  /// run. What is passed by reference must outlive the object.
  LiveQueries(Context& context, boost::asio::thread_pool& pool,
              std::set<std::stop_source*>& queries);
  LiveQueries(const LiveQueries&) = delete;
  LiveQueries& operator=(const LiveQueries&) = delete;
  ~LiveQueries();

 private:
  using Key = std::tuple<std::string, uint64_t, query::Dialect>;  ///< statement, rows, dialect

  static boost::asio::awaitable<void> run(LiveQueries& queries,
                                          std::shared_ptr<Statement> statement);
  boost::asio::awaitable<Response> answer(Statement& statement);

  Context& context_;
  boost::asio::thread_pool& pool_;
  std::set<std::stop_source*>& queries_;
  std::map<Key, std::weak_ptr<Statement>> statements_;
};

}  // namespace ticklake::gateway
