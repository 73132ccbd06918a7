#pragma once

#include <functional>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ticklake::gateway {

/// Runs `work` on the pool; the coroutine goes on in its own thread when it is done. `work` must
/// not throw.
inline boost::asio::awaitable<void> run_on_pool(boost::asio::thread_pool& pool,
                                                std::function<void()>& work) {
  namespace net = boost::asio;
  co_await net::async_initiate<const net::use_awaitable_t<>&, void()>(
      [&pool, &work](auto handler) {
        net::post(pool, [&work, handler = std::move(handler)]() mutable {
          work();
          const auto executor = net::get_associated_executor(handler);
          net::post(executor, std::move(handler));
        });
      },
      net::use_awaitable);
}

}  // namespace ticklake::gateway
