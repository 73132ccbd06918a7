#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/tls.h"
#include "http/connection.h"
#include "http/runtime.h"
#include "http/site.h"

namespace ticklake::http {

/// One thread's share of a server's connections. All but the constructor, io() and size() belongs
/// to that thread.
class Loop final : public Runtime {
 public:
  Loop(const base::Clock& clock, base::Logger& logger, boost::asio::thread_pool& pool);
  ~Loop() override;

  boost::asio::io_context& io() { return io_; }
  /// Connections that it has, and that were promised to it.
  std::atomic<size_t>& size() { return size_; }
  /// Serves until stop() was called and the last connection has ended.
  void run() { io_.run(); }

  /// Serves a client; `site_size` was raised for it, as was size(), and is lowered when it has
  /// gone.
  void serve(boost::asio::ip::tcp::socket socket, const Site& site,
             std::optional<base::TlsContext> context, std::atomic<size_t>& site_size,
             bool is_refused);
  /// Ends idle connections and tells handlers; those that have not ended after `time_max` are cut.
  void stop(std::chrono::milliseconds time_max);

  base::MonotonicTime now() override { return clock_.monotonic_now(); }
  std::string_view date() override;
  base::Logger& logger() override { return logger_; }
  Task<void> run_beside(std::function<void()>& work) override;
  Task<void> sleep(std::chrono::milliseconds duration, std::stop_token stop) override;

 private:
  struct Client;
  using Clients = std::list<Client>;

  void arm();
  void look_after_all();
  void ended(Clients::iterator client, std::exception_ptr thrown);
  void end_if_done();

  const base::Clock& clock_;
  base::Logger& logger_;
  boost::asio::thread_pool& pool_;
  boost::asio::io_context io_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  boost::asio::steady_timer timer_;
  std::optional<base::MonotonicTime> cut_time_;
  bool is_armed_ = false;
  bool is_stopping_ = false;
  std::atomic<size_t> size_ = 0;
  Clients clients_;
  base::WallTime date_second_{};
  std::string date_;
};

}  // namespace ticklake::http
