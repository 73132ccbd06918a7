#pragma once

#include <functional>
#include <memory>
#include <set>
#include <stop_token>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include "gateway/live_queries.h"
#include "gateway/routes.h"

namespace ticklake::gateway {

/// What the connections of one server share besides the handlers' Context. Its thread only.
struct Shared {
  Shared(Context& the_context, boost::asio::thread_pool& the_pool)
      : context(the_context), pool(the_pool) {}

  Context& context;
  boost::asio::thread_pool& pool;
  size_t connections = 0;
  std::set<std::stop_source*> queries = {};  ///< those that run; stopped when the server stops
  LiveQueries live{context, pool, queries};
};

/// Serves one connection from its first request to its end.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, Shared& shared);

/// Answers 503 to one connection too many and closes it.
boost::asio::awaitable<void> refuse_connection(boost::asio::ip::tcp::socket socket);

}  // namespace ticklake::gateway
