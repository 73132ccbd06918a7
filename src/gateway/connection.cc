#include "gateway/connection.h"

#include <map>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "gateway/client_watch.h"
#include "gateway/pool.h"
#include "query/format.h"
#include "query/query_memory.h"
#include "query/sql_token.h"

namespace ticklake::gateway {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr size_t kHeaderBytesMax = 16 * 1024;
constexpr std::chrono::milliseconds kTickInterval{50};
constexpr std::chrono::milliseconds kStatusInterval{500};
constexpr std::chrono::seconds kHeartbeatInterval{10};
constexpr uint64_t kLiveRowsMax = 1'000;
constexpr size_t kCopiedBodyBytesMax = 64 * 1024;
constexpr size_t kTablesMax = 16;  // of one event stream

std::string_view reason_of(int status) {
  const auto known = http::int_to_status(static_cast<unsigned>(status));
  const auto text = http::obsolete_reason(known);
  return {text.data(), text.size()};
}

/// Status line and headers, up to and with the blank line.
std::string head_of(int status, const std::string& content_type, const std::string& framing,
                    const std::vector<std::pair<std::string, std::string>>& headers,
                    bool keep_alive) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n{}\r\n", status,
                                 reason_of(status), content_type, framing);
  head += "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
  bool has_cache_control = false;
  for (const auto& [name, value] : headers) {
    head += name + ": " + value + "\r\n";
    has_cache_control = has_cache_control || name == "Cache-Control";
  }
  if (!has_cache_control) head += "Cache-Control: no-store\r\n";
  head += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return head;
}

class Connection {
 public:
  Connection(tcp::socket socket, Shared& shared)
      : stream_(std::move(socket)), shared_(shared), timer_(stream_.get_executor()) {
    ++shared_.connections;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    end_query();
    --shared_.connections;
  }

  net::awaitable<void> run() {
    prepare_socket();
    while (co_await read_request()) {
      co_await answer_request();
      if (!keep_alive_) break;
    }
    ErrorCode ignored;  // the other side may be gone already
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

 private:
  void prepare_socket() {
    ErrorCode ignored;  // slower, not wrong, without
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    if (const int size = shared_.context.options.send_buffer_bytes; size > 0) {
      stream_.socket().set_option(net::socket_base::send_buffer_size(size), ignored);
    }
  }

  net::awaitable<bool> read_request() {
    const Options& options = shared_.context.options;
    ErrorCode error;
    if (buffer_.size() == 0) {
      stream_.expires_after(options.idle_time_max);
      const size_t size = co_await stream_.async_read_some(
          buffer_.prepare(4096), net::redirect_error(net::use_awaitable, error));
      if (error) co_return false;
      buffer_.commit(size);
    }
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(options.body_bytes_max);
    stream_.expires_after(options.request_time_max);
    co_await http::async_read(stream_, buffer_, parser,
                              net::redirect_error(net::use_awaitable, error));
    if (error) {
      co_await refuse_request(error);
      co_return false;
    }
    take(parser.get());
    co_return true;
  }

  void take(http::request<http::string_body>& message) {
    request_ = Request{};
    request_.method = std::string(message.method_string());
    for (const auto& field : message) {
      request_.headers[query::to_lower(std::string(field.name_string()))] =
          std::string(field.value());
    }
    is_target_good_ = parse_target(std::string(message.target()), request_);
    request_.body = std::move(message.body());
    keep_alive_ = message.keep_alive();
  }

  net::awaitable<void> refuse_request(ErrorCode error) {
    base::Error answer{base::ErrorCode::kInvalidArgument, "this is no HTTP request",
                       error.message(), "", false};
    int status = 400;
    if (error == http::error::body_limit) {
      status = 413;
      answer.what = "the request is too large";
      answer.cause = fmt::format("at most {} bytes", shared_.context.options.body_bytes_max);
    } else if (error == http::error::header_limit) {
      status = 431;
      answer.what = "the request's headers are too large";
      answer.cause = fmt::format("at most {} bytes", kHeaderBytesMax);
    } else if (error.category() != http::make_error_code(http::error::bad_method).category()) {
      co_return;  // the connection is gone, or its time was over and it is closed
    }
    keep_alive_ = false;
    co_await send(error_response(status, answer));
    co_await drain();
  }

  /// Reads on for a moment: closing with unread bytes would reset the connection, and the client
  /// would not see the answer.
  net::awaitable<void> drain() {
    ErrorCode error;
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
    stream_.expires_after(std::chrono::seconds(1));
    for (size_t taken = 0; !error && taken < 4 * shared_.context.options.body_bytes_max;) {
      buffer_.clear();
      taken += co_await stream_.async_read_some(buffer_.prepare(16 * 1024),
                                                net::redirect_error(net::use_awaitable, error));
    }
  }

  net::awaitable<void> answer_request() {
    if (!is_target_good_) {
      const base::Error error{base::ErrorCode::kInvalidArgument, "this is no path", "", "GET /",
                              false};
      co_return co_await send(error_response(400, error));
    }
    if (const auto ok = check_sender(request_, shared_.context.options.allowed_hosts); !ok) {
      co_return co_await send(error_response(403, ok.error()));
    }
    const bool gets = request_.method == "GET";
    if (request_.path == "/api/query" && request_.method == "POST") {
      co_await answer_query();
    } else if (request_.path == "/api/tables" && gets) {
      co_await answer_tables_request();
    } else if (request_.path == "/api/events" && gets) {
      co_await stream_events();
    } else if (request_.path == "/api/query/live" && gets) {
      co_await stream_results();
    } else {
      co_await send(answer(shared_.context, request_));
    }
  }

  net::awaitable<void> answer_query() {
    const auto sql = read_sql_request(request_);
    if (!sql) co_return co_await send(error_response(400, sql.error()));
    if (sql->format == SqlRequest::Format::kCsv || sql->format == SqlRequest::Format::kLines) {
      co_return co_await stream_rows(*sql);
    }
    co_await send(co_await run_query(*sql));
  }

  net::awaitable<void> answer_tables_request() {
    const std::string status = shared_.context.status_text(kStatusInterval);
    Response response;
    std::function<void()> work = [&] { response = answer_tables(shared_.context, status); };
    co_await run_on_pool(shared_.pool, work);
    co_await send(std::move(response));
  }

  net::awaitable<Response> run_query(const SqlRequest& sql) {
    Response response;
    std::function<void()> work = [&, stop = begin_query()] {
      response = gateway::answer_query(shared_.context, sql, stop);
    };
    co_await run_on_pool(shared_.pool, work);
    end_query();
    co_return response;
  }

  net::awaitable<void> stream_rows(const SqlRequest& sql) {
    const bool csv = sql.format == SqlRequest::Format::kCsv;
    const std::stop_token stop = begin_query();
    std::optional<base::Result<query::RunningQuery>> query;
    std::string text;
    bool more = false;
    std::optional<base::Error> failure;
    std::function<void()> open = [&] {
      query.emplace(shared_.context.engine.start({sql.sql, sql.rows_max,
                                                  shared_.context.options.query_time_max, stop,
                                                  !csv, sql.dialect}));
      if (*query && csv) query::append_csv_header((*query)->columns(), text);
    };
    std::function<void()> step = [&] {
      const auto done = query::within_query_memory([&]() -> base::Result<void> {
        TICKLAKE_ASSIGN(const query::RowBlock block, (*query)->next());
        more = block.rows() > 0;
        if (more && csv) query::append_csv_rows(block, text);
        if (more && !csv) query::append_json_lines((*query)->columns(), block, text);
        return {};
      });
      if (done) return;
      failure = done.error();
      more = false;
      text.clear();  // what was refused memory may have left a part of a row
    };
    co_await run_on_pool(shared_.pool, open);
    // The first rows are awaited before the head is sent: most errors come by then.
    if (*query) co_await run_on_pool(shared_.pool, step);
    if (!*query) failure = query->error();
    if (failure) {
      end_query();
      query.reset();
      co_return co_await send(error_response(status_of(failure->code), *failure));
    }
    bool ok = co_await write(head_of(200, csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
                                     "Transfer-Encoding: chunked", {}, keep_alive_));
    while (ok && !text.empty()) {
      ok = co_await write(fmt::format("{:x}\r\n{}\r\n", text.size(), text));
      text.clear();
      if (ok && more) co_await run_on_pool(shared_.pool, step);
    }
    end_query();
    // Cut off in the middle is all that HTTP can say of an error after the head: no last chunk.
    if (!ok || failure) {
      keep_alive_ = false;
    } else {
      co_await write("0\r\n\r\n");
    }
  }

  net::awaitable<bool> open_event_stream() {
    keep_alive_ = false;
    // Proxies that hold back a stream until it ends would defeat it.
    co_return co_await write(head_of(200, "text/event-stream", "X-Accel-Buffering: no", {}, false));
  }

  net::awaitable<void> stream_events() {
    std::map<std::string, uint64_t> cursors;
    const auto [first, last] = request_.query.equal_range("table");
    for (auto it = first; it != last && cursors.size() < kTablesMax; ++it)
      cursors[it->second] = first_cursor(it->second);
    if (!co_await open_event_stream()) co_return;
    base::MonotonicTime status_time{};
    base::MonotonicTime written_time = shared_.context.clock.monotonic_now();
    bool first_round = true;
    while (true) {
      std::string text;
      for (auto& [table, cursor] : cursors)
        append_ticks(table, cursor, text);
      const base::MonotonicTime now = shared_.context.clock.monotonic_now();
      if (first_round || now - status_time >= kStatusInterval) {
        // A little younger than the interval, so that all listeners share one evaluation.
        text +=
            "event: status\ndata: " + shared_.context.status_text(kStatusInterval - kTickInterval) +
            "\n\n";
        status_time = now;
        first_round = false;
      }
      if (text.empty() && now - written_time >= kHeartbeatInterval) text = ":\n\n";
      if (!text.empty()) {
        if (!co_await write(text)) co_return;
        written_time = now;
      }
      co_await pause(kTickInterval);
    }
  }

  /// Where a stream goes on: after what the browser has seen before it lost the connection
  /// (Last-Event-ID, "table:total"), else at the oldest row that is still here.
  uint64_t first_cursor(const std::string& table) const {
    const TickStream::News kept = shared_.context.ticks.after(table, 0);
    const std::string seen = request_.header("last-event-id");
    const size_t colon = seen.rfind(':');
    if (colon != std::string::npos && seen.substr(0, colon) == table) {
      const uint64_t cursor = std::strtoull(seen.c_str() + colon + 1, nullptr, 10);
      if (cursor <= kept.total) return cursor;
    }
    return kept.dropped;
  }

  void append_ticks(const std::string& table, uint64_t& cursor, std::string& into) const {
    const TickStream::News news = shared_.context.ticks.after(table, cursor);
    if (news.total == cursor) return;
    cursor = news.total;
    into += fmt::format("event: ticks\nid: {}:{}\ndata: ", table, news.total);
    into += ticks_json(table, news) + "\n\n";
  }

  net::awaitable<void> stream_results() {
    auto sql = read_sql_request(request_);
    if (!sql || sql->sql.empty()) {
      const base::Error missing{base::ErrorCode::kInvalidArgument, "there is no statement", "",
                                "/api/query/live?sql=SELECT+count(*)+FROM+trades", false};
      co_return co_await send(error_response(400, sql ? missing : sql.error()));
    }
    sql->format = SqlRequest::Format::kJson;
    if (request_.parameter("limit").empty()) sql->rows_max = kLiveRowsMax;
    if (!co_await open_event_stream()) co_return;
    const std::stop_source gone;
    const ClientWatch watch(stream_.socket(), gone);
    LiveQueries::Reader reader(shared_.live, *sql, stream_.get_executor());
    while (const auto frame = co_await reader.next(gone.get_token())) {
      if (!co_await write(frame->text)) co_return;
    }
  }

  net::awaitable<void> pause(std::chrono::milliseconds duration) {
    ErrorCode ignored;  // nobody cancels it
    timer_.expires_after(duration);
    co_await timer_.async_wait(net::redirect_error(net::use_awaitable, ignored));
  }

  net::awaitable<void> send(Response response) {
    // Neither 304 nor an answer to HEAD has a body; 304 has no length either.
    const std::string framing = response.status == 304
                                    ? "X-Frame-Options: DENY"
                                    : fmt::format("Content-Length: {}", response.body.size());
    std::string text =
        head_of(response.status, response.content_type, framing, response.headers, keep_alive_);
    std::string_view body = response.body;
    if (request_.method == "HEAD" || response.status == 304) body = {};
    // What is short goes out in one packet; what is long is not copied.
    if (body.size() <= kCopiedBodyBytesMax) {
      text += body;
      body = {};
    }
    const bool ok = co_await write(text) && (body.empty() || co_await write(body));
    if (!ok) keep_alive_ = false;
  }

  /// False if the client is gone or takes nothing.
  net::awaitable<bool> write(std::string_view text) {
    ErrorCode error;
    stream_.expires_after(shared_.context.options.write_time_max);
    co_await net::async_write(stream_, net::buffer(text),
                              net::redirect_error(net::use_awaitable, error));
    co_return !error;
  }

  /// From here to end_query() a client that closes its connection ends its query.
  std::stop_token begin_query() {
    query_.emplace();
    shared_.queries.insert(&*query_);
    watch_.emplace(stream_.socket(), *query_);
    return query_->get_token();
  }

  void end_query() {
    watch_.reset();
    if (query_) shared_.queries.erase(&*query_);
    query_.reset();
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  net::steady_timer timer_;
  beast::flat_buffer buffer_;
  Request request_;
  bool is_target_good_ = true;
  bool keep_alive_ = true;
  std::optional<std::stop_source> query_;  ///< while one runs
  std::optional<ClientWatch> watch_;
};

}  // namespace

net::awaitable<void> serve_connection(tcp::socket socket, Shared& shared) {
  Connection connection(std::move(socket), shared);
  try {
    co_await connection.run();
  } catch (const std::exception& error) {
    // Memory that ran out: this connection ends, the others go on.
    shared.context.logger.error("a connection failed: {}", error.what());
  }
}

net::awaitable<void> refuse_connection(tcp::socket socket) {
  const Response response = error_response(
      503, {base::ErrorCode::kUnavailable, "too many connections", "", "try again later", false});
  const std::string text =
      head_of(503, response.content_type, fmt::format("Content-Length: {}", response.body.size()),
              {}, false) +
      response.body;
  ErrorCode ignored;  // it is let go either way
  co_await net::async_write(socket, net::buffer(text),
                            net::redirect_error(net::use_awaitable, ignored));
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace ticklake::gateway
