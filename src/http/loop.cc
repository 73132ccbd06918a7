#include "http/loop.h"

#include <coroutine>
#include <exception>

#include <boost/asio/post.hpp>

#include "http/date.h"
#include "http/tcp_transport.h"
#include "http/tls_transport.h"

namespace ticklake::http {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

/// How exactly limits of time are kept, and how soon a handler learns that its client has left.
constexpr std::chrono::milliseconds kLookInterval{100};

}  // namespace

struct Loop::Client {
  Client(std::unique_ptr<Transport> a_transport, const Site& site, Runtime& runtime,
         std::atomic<size_t>& a_site_size)
      : transport(std::move(a_transport)),
        connection(*transport, site, runtime),
        site_size(a_site_size) {}

  std::unique_ptr<Transport> transport;
  Connection connection;
  std::atomic<size_t>& site_size;
};

Loop::Loop(const base::Clock& clock, base::Logger& logger, net::thread_pool& pool)
    : clock_(clock), logger_(logger), pool_(pool), work_(io_.get_executor()), timer_(io_) {}

Loop::~Loop() = default;

void Loop::serve(tcp::socket socket, const Site& site, std::optional<base::TlsContext> context,
                 std::atomic<size_t>& site_size, bool is_refused) {
  auto transport = make_tcp_transport(std::move(socket), site.limits.send_buffer_bytes);
  if (context) transport = make_tls_transport(std::move(transport), *context);
  const auto client =
      clients_.emplace(clients_.end(), std::move(transport), site, *this, site_size);
  if (is_stopping_) client->connection.stop();
  arm();
  Task<void> task = is_refused ? client->connection.refuse() : client->connection.run();
  run_detached(std::move(task), [this, client](std::exception_ptr thrown) {
    // The connection is still on the stack.
    net::post(io_, [this, client, thrown] { ended(client, thrown); });
  });
}

void Loop::ended(Clients::iterator client, std::exception_ptr thrown) {
  if (thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      // Memory that ran out: this connection ends, the others go on.
      logger_.error("a connection failed: {}", error.what());
    } catch (...) {
      logger_.error("a connection failed: an exception without a text");
    }
  }
  --client->site_size;
  --size_;
  clients_.erase(client);
  end_if_done();
}

void Loop::arm() {
  if (is_armed_ || clients_.empty()) return;
  is_armed_ = true;
  timer_.expires_after(kLookInterval);
  timer_.async_wait([this](boost::system::error_code) {
    is_armed_ = false;
    look_after_all();
    arm();
  });
}

void Loop::look_after_all() {
  const base::MonotonicTime now = clock_.monotonic_now();
  const bool is_cut = cut_time_ && now >= *cut_time_;
  // What is cancelled or told here goes on later, on this thread: no client leaves the list now.
  for (Client& client : clients_) {
    if (is_cut) client.connection.abort();
    client.connection.look_after(now);
  }
}

void Loop::stop(std::chrono::milliseconds time_max) {
  is_stopping_ = true;
  cut_time_ = clock_.monotonic_now() + time_max;
  for (Client& client : clients_)
    client.connection.stop();
  end_if_done();
}

void Loop::end_if_done() {
  if (is_stopping_ && clients_.empty()) {
    work_.reset();
    timer_.cancel();
  }
}

std::string_view Loop::date() {
  const base::WallTime second = std::chrono::floor<std::chrono::seconds>(clock_.wall_now());
  if (date_.empty() || second != date_second_) {
    date_ = format_date(second);
    date_second_ = second;
  }
  return date_;
}

Task<void> Loop::run_beside(std::function<void()>& work) {
  struct Awaiter {
    Loop& loop;
    std::function<void()>& work;
    std::exception_ptr thrown = {};

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      net::post(loop.pool_, [this, waiting] {
        try {
          work();
        } catch (...) {
          thrown = std::current_exception();
        }
        net::post(loop.io_, [waiting] { waiting.resume(); });
      });
    }
    void await_resume() const {
      if (thrown) std::rethrow_exception(thrown);
    }
  };
  co_await Awaiter{*this, work};
}

Task<void> Loop::sleep(std::chrono::milliseconds duration, std::stop_token stop) {
  struct Awaiter {
    net::steady_timer& timer;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      timer.async_wait([waiting](boost::system::error_code) { waiting.resume(); });
    }
    void await_resume() const noexcept {}
  };
  if (stop.stop_requested()) co_return;
  net::steady_timer timer(io_, duration);
  const std::stop_callback on_stop(stop, [&timer] { timer.cancel(); });
  co_await Awaiter{timer};
}

}  // namespace ticklake::http
