#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>

#include "gateway/context.h"
#include "gateway/query_answer.h"
#include "gateway/signal.h"
#include "gateway/sql_request.h"

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
    std::shared_ptr<AnswerBudget::Share> memory;
  };

 private:
  struct Statement;

 public:
  /// One who looks at a statement. The first who finds that it is time runs it for all.
  class Reader {
   public:
    Reader(LiveQueries& queries, const SqlRequest& request, http::Exchange& exchange);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// The newest frame that this reader has not seen, as soon as there is one; null when its
    /// client has left, or the server stops.
    http::Task<std::shared_ptr<const Frame>> next();

   private:
    void leave();

    LiveQueries& queries_;
    http::Exchange& exchange_;
    std::shared_ptr<Statement> statement_;
    uint64_t seen_ = 0;
    bool has_left_ = false;
    std::optional<std::stop_callback<std::function<void()>>> on_leave_;
  };

  explicit LiveQueries(Context& context) : context_(context) {}
  LiveQueries(const LiveQueries&) = delete;
  LiveQueries& operator=(const LiveQueries&) = delete;

 private:
  using Key = std::tuple<std::string, uint64_t, query::Dialect>;  ///< statement, rows, dialect

  http::Task<void> run(std::shared_ptr<Statement> statement, http::Exchange& exchange);

  Context& context_;
  std::map<Key, std::shared_ptr<Statement>> statements_;  ///< at which somebody looks
};

}  // namespace ticklake::gateway
