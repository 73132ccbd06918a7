#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/http_client.h"
#include "gateway/answer_budget.h"
#include "gateway/assets.h"
#include "gateway/server.h"

namespace ticklake::gateway {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using nlohmann::json;
using testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr const char* kEndless =
    "SELECT count(*) FROM range(10000000000) a, range(100) b WHERE a.range * b.range % 7 = 1";

/// The events of one stream, read by a thread of its own.
class EventReader {
 public:
  struct Event {
    std::string name;
    std::string id;
    json data;
  };
  explicit EventReader(std::string url, std::vector<std::string> headers = {})
      : thread_([this, url = std::move(url), headers = std::move(headers)](std::stop_token stop) {
          const auto response = base::send_http(
              {.url = url, .headers = headers, .stop = stop, .on_body = [this](std::string_view t) {
                 take(t);
                 return true;
               }});
          const std::lock_guard lock(mutex_);
          if (response) status_ = response->status;
          ended_ = true;
          changed_.notify_all();
        }) {}

  /// The next event of that name.
  std::optional<Event> next(const std::string& name) {
    std::unique_lock lock(mutex_);
    while (true) {
      if (!changed_.wait_for(lock, kPatience, [&] { return !events_.empty() || ended_; }))
        return {};
      if (events_.empty()) return {};
      Event event = std::move(events_.front());
      events_.pop_front();
      if (event.name == name) return event;
    }
  }

 private:
  void take(std::string_view text) {
    const std::lock_guard lock(mutex_);
    text_ += text;
    for (size_t end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n")) {
      Event event;
      std::string block = text_.substr(0, end + 1);
      text_.erase(0, end + 2);
      while (!block.empty()) {
        const std::string line = block.substr(0, block.find('\n'));
        block.erase(0, line.size() + 1);
        if (line.starts_with("event: ")) event.name = line.substr(7);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("data: ")) event.data = json::parse(line.substr(6));
      }
      events_.push_back(std::move(event));
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  std::deque<Event> events_;
  bool ended_ = false;
  int status_ = 0;
  std::jthread thread_;
};

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() : database_(*table::Database::open({.threads = 2})), engine_(database_, clock_) {
    auto connection = database_.connect();
    EXPECT_TRUE(connection->query(
        "CREATE SCHEMA wide; CREATE SCHEMA placed; CREATE SCHEMA store; CREATE TABLE store.t AS "
        "SELECT i AS id, "
        "'s' || i AS symbol, i AS _offset FROM range(3) r(i); "
        "CREATE VIEW wide.trades AS FROM store.t; CREATE VIEW placed.trades AS FROM store.t; "
        "CREATE VIEW trades AS SELECT id, symbol FROM store.t"));
    EXPECT_TRUE(database_.lock_down({"/nonexistent"}));
  }
  void start(Options options = {}) {
    options.listen = {"127.0.0.1", 0};
    auto started = Server::start(
        options, engine_, ticks_,
        [this] {
          ++status_calls_;
          return json{
              {"ready", ready_.load()},
              {"reason", "the sink is catching up"},
              {"uptime_s", 1},
              {"tables", {{{"name", "trades"}, {"rows_lake", 2}, {"rows_tail", 1}, {"files", 1}}}}};
        },
        files_, clock_, *logger_);
    ASSERT_TRUE(started) << base::to_text(started.error());
    server_ = std::move(*started);
    thread_ = std::jthread([this](std::stop_token stop) { server_->run(stop); });
  }
  std::string url(const std::string& path) const {
    return "http://" + server_->address().text() + path;
  }
  HttpResponse ask(HttpRequest request) {
    request.url = url(request.url);
    auto response = base::send_http(request);
    EXPECT_TRUE(response) << base::to_text(response.error());
    return response ? *response : HttpResponse{};
  }
  HttpResponse sql(const std::string& text, const std::string& query = "") {
    return ask({.method = "POST",
                .url = "/api/query" + query,
                .headers = {"Content-Type: text/plain"},
                .body = text});
  }
  /// A socket of our own, for what no proper client does.
  int connect(int receive_buffer_bytes = 0) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer_bytes > 0) {
      ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(int));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->address().port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return socket;
  }
  static std::string exchange(int socket, const std::string& text) {
    EXPECT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    return read_all(socket);
  }
  static std::string read_all(int socket) {
    std::string all;
    char buffer[4096];
    for (ssize_t size; (size = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
      all.append(buffer, static_cast<size_t>(size));
    ::close(socket);
    return all;
  }

  base::SystemClock clock_;
  base::PosixFileSystem files_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  table::Database database_;
  query::QueryEngine engine_;
  TickStream ticks_;
  std::atomic<bool> ready_ = true;
  std::atomic<int> status_calls_ = 0;
  std::unique_ptr<Server> server_;
  std::jthread thread_;  // last: ends before what it serves from
};

TEST_F(GatewayTest, health_says_live_always_and_ready_when_the_status_is) {
  start();
  EXPECT_EQ(ask({.url = "/health/live"}).status, 200);
  EXPECT_EQ(ask({.url = "/health/ready"}).status, 200);
  ready_ = false;
  HttpResponse response;
  for (const auto end = clock_.monotonic_now() + kPatience; clock_.monotonic_now() < end;) {
    response = ask({.url = "/health/ready"});
    if (response.status != 200) break;
  }
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(json::parse(response.body)["reason"], "the sink is catching up");
}

TEST_F(GatewayTest, a_query_is_answered_with_typed_columns_and_rows) {
  start();
  const HttpResponse response =
      ask({.method = "POST",
           .url = "/api/query",
           .body = R"({"sql": "SELECT *, _offset, 0.5::DOUBLE AS half, NULL AS n, 'nan'::DOUBLE, )"
                   R"([1, 2] AS l FROM trades", "limit": 2})"});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  const json answer = json::parse(response.body);
  EXPECT_EQ(answer["columns"][0], (json{{"name", "id"}, {"type", "BIGINT"}}));
  EXPECT_EQ(answer["rows"][1], json::parse(R"([1, "s1", 1, 0.5, null, null, [1, 2]])"));
  EXPECT_EQ(answer["row_count"], 2);
  EXPECT_EQ(answer["truncated"], true);
  EXPECT_GE(answer["elapsed_ms"], 0);
}

TEST_F(GatewayTest, csv_and_json_lines_stream_whatever_their_length) {
  start();
  EXPECT_EQ(sql("SELECT 1 AS a, 'x,\"y' AS b, NULL AS c, '' AS d", "?format=csv").body,
            "a,b,c,d\n1,\"x,\"\"y\",,\"\"\n");
  EXPECT_EQ(sql("SELECT 1 AS a, 2 AS a, 'ü' AS b", "?format=ndjson").body,
            "{\"a\":1,\"a_1\":2,\"b\":\"ü\"}\n");
  const std::string many = sql("SELECT range AS i FROM range(200000)", "?format=csv").body;
  EXPECT_EQ(std::count(many.begin(), many.end(), '\n'), 200'001);
  EXPECT_EQ(sql("SELECT 1 WHERE false", "?format=csv").body, "1\n");
  EXPECT_EQ(sql("SELECT 1 AS a WHERE false", "?format=ndjson").body, "");
  EXPECT_EQ(sql("SELECT 1::HUGEINT AS a, 'nan'::DOUBLE", "?format=text").status, 200);
}

TEST_F(GatewayTest, errors_are_json_with_what_cause_and_advice) {
  start();
  for (const auto& [statement, query, status] :
       {std::tuple{"SELECT * FROM nosuch", "", 400},
        {"SELECT * FROM nosuch", "?format=csv", 400},
        {"DROP VIEW trades", "", 400},
        {"", "", 400},
        {"SELECT 1", "?format=xml", 400},
        {"SELECT 1", "?limit=x", 400},
        {"SELECT * FROM read_text('/etc/passwd')", "", 403}}) {
    const HttpResponse response = sql(statement, query);
    EXPECT_EQ(response.status, status) << statement << response.body;
    const json error = json::parse(response.body)["error"];
    EXPECT_FALSE(error["what"].get<std::string>().empty());
    EXPECT_TRUE(error.contains("cause") && error.contains("advice"));
  }
  EXPECT_THAT(sql("SELECT * FROM nosuch").body, HasSubstr("tables: trades"));
  for (const char* body : {"", "{", "[]", "{\"sql\": 1}", "{\"sql\": \"SELECT 1\", \"limit\": -1}"})
    EXPECT_EQ(ask({.method = "POST", .url = "/api/query", .body = body}).status, 400) << body;
  const std::string nested(100'000, '[');
  EXPECT_EQ(ask({.method = "POST", .url = "/api/query", .body = nested}).status, 400);
}

TEST_F(GatewayTest, what_is_not_there_is_404_and_what_cannot_be_done_405) {
  start();
  EXPECT_EQ(ask({.url = "/nosuch"}).status, 404);
  EXPECT_EQ(ask({.url = "/../etc/passwd"}).status, 404);
  EXPECT_EQ(ask({.url = "/api/query"}).status, 405);
  EXPECT_EQ(ask({.url = "/api/query"}).headers.at("allow"), "POST");
  EXPECT_EQ(ask({.method = "POST", .url = "/api/status"}).status, 405);
  EXPECT_EQ(ask({.method = "DELETE", .url = "/"}).status, 405);
  EXPECT_EQ(ask({.method = "HEAD", .url = "/health/live"}).body, "");
}

TEST_F(GatewayTest, tables_have_columns_and_the_counts_of_the_status) {
  start();
  EXPECT_EQ(json::parse(ask({.url = "/api/tables"}).body),
            json::parse(R"([{"name":"trades","columns":[{"name":"id","type":"BIGINT"},
              {"name":"symbol","type":"VARCHAR"}],"rows_lake":2,"rows_tail":1,"files":1}])"));
}

TEST_F(GatewayTest, the_dashboard_is_served_compressed_and_its_assets_cached) {
  start();
  const HttpResponse page = ask({.url = "/"});
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<html"));
  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  for (const Asset& asset : embedded_assets()) {
    const HttpResponse file =
        ask({.url = std::string(asset.path), .headers = {"Accept-Encoding: gzip"}});
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.headers.at("content-encoding"), "gzip");
    EXPECT_EQ(file.body.size(), static_cast<size_t>(asset.end - asset.begin));
    EXPECT_EQ(file.headers.at("cache-control").find("immutable") != std::string::npos,
              asset.immutable);
    EXPECT_EQ(ask({.url = std::string(asset.path),
                   .headers = {"If-None-Match: " + std::string(asset.etag)}})
                  .status,
              304);
  }
}

TEST_F(GatewayTest, metrics_are_the_statuss_numbers) {
  start();
  EXPECT_THAT(ask({.url = "/metrics"}).body,
              HasSubstr("# TYPE ticklake_tables_rows_lake gauge\n"
                        "ticklake_tables_rows_lake{name=\"trades\"} 2\n"));
}

TEST_F(GatewayTest, another_sites_page_is_refused) {
  start({.allowed_hosts = {"lake.example"}});
  const auto status = [&](const std::string& host, const std::string& origin) {
    std::vector<std::string> headers{"Host: " + host, "Content-Type: text/plain"};
    if (!origin.empty()) headers.push_back("Origin: " + origin);
    return ask({.method = "POST", .url = "/api/query", .headers = headers, .body = "SELECT 1"})
        .status;
  };
  EXPECT_EQ(status("127.0.0.1:80", ""), 200);
  EXPECT_EQ(status("localhost:80", "http://localhost:80"), 200);
  EXPECT_EQ(status("[::1]:80", ""), 200);
  EXPECT_EQ(status("lake.example", "https://lake.example"), 200);
  EXPECT_EQ(status("evil.example", ""), 403);
  EXPECT_EQ(status("evil.example:80", "http://evil.example:80"), 403);
  EXPECT_EQ(status("127.0.0.1.evil.example", ""), 403);
  EXPECT_EQ(status("127.0.0.1:80", "http://evil.example"), 403);
  EXPECT_EQ(status("127.0.0.1:80", "null"), 403);
  EXPECT_EQ(ask({.url = "/", .headers = {"Host: evil.example"}}).status, 403);
}

TEST_F(GatewayTest, requests_larger_than_the_limits_are_refused) {
  start({.body_bytes_max = 1000});
  const auto post = [&](size_t size) {
    return ask({.method = "POST",
                .url = "/api/query",
                .headers = {"Content-Type: text/plain"},
                .body = "SELECT 1" + std::string(size - 8, ' ')})
        .status;
  };
  EXPECT_EQ(post(1000), 200);
  EXPECT_EQ(post(1001), 413);
  EXPECT_EQ(ask({.url = "/", .headers = {"X: " + std::string(40'000, 'x')}}).status, 431);
  EXPECT_THAT(exchange(connect(), "GARBAGE\x01\x02\r\n\r\n"), HasSubstr("400 Bad Request"));
  EXPECT_EQ(post(8), 200);
}

TEST_F(GatewayTest, a_client_that_says_nothing_or_half_is_let_go) {
  start({.idle_time_max = std::chrono::milliseconds(50),
         .request_time_max = std::chrono::milliseconds(50)});
  EXPECT_EQ(read_all(connect()), "");
  EXPECT_THAT(exchange(connect(), "GET / HTTP/1.1\r\nHost: "), HasSubstr("408"));
}

TEST_F(GatewayTest, one_connection_serves_requests_one_after_the_other) {
  start();
  const std::string request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
  const std::string text =
      exchange(connect(), request + "\r\n" + request + "Connection: close\r\n\r\n");
  EXPECT_NE(text.find("200 OK"), text.rfind("200 OK"));
}

TEST_F(GatewayTest, one_connection_too_many_is_told_so) {
  start({.connections_max = 1});
  const int first = connect();
  const std::string head = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_GT(::send(first, head.data(), head.size(), 0), 0);
  char byte;
  ASSERT_EQ(::recv(first, &byte, 1, 0), 1);
  EXPECT_EQ(ask({.url = "/health/live"}).status, 503);
  ::close(first);
}

TEST_F(GatewayTest, ticks_are_pushed_as_they_become_visible) {
  start();
  EventReader reader(url("/api/events?table=trades"));
  ASSERT_TRUE(reader.next("status"));
  const std::string_view rows[] = {R"({"id":1})", R"({"id":2})"};
  ticks_.push("trades", rows);
  const auto ticks = reader.next("ticks");
  ASSERT_TRUE(ticks);
  EXPECT_EQ(ticks->data, json::parse(R"({"table":"trades","rows":[{"id":1},{"id":2}],
                                        "total":2,"dropped":0})"));
  EXPECT_EQ(ticks->id, "trades:2");
  ticks_.push("quotes", rows);
  ticks_.push("trades", std::span(rows).first(1), 5);
  const auto more = reader.next("ticks");
  ASSERT_TRUE(more);
  EXPECT_EQ(more->data["total"], 7);
  EXPECT_EQ(more->data["dropped"], 4);
}

TEST_F(GatewayTest, a_stream_goes_on_after_the_last_event_that_was_seen) {
  start();
  const std::string_view rows[] = {"1", "2", "3"};
  ticks_.push("trades", rows);
  EventReader again(url("/api/events?table=trades"), {"Last-Event-ID: trades:2"});
  EXPECT_EQ(again.next("ticks")->data["rows"], json::parse("[3]"));
  EventReader of_another_process(url("/api/events?table=trades"), {"Last-Event-ID: trades:99"});
  EXPECT_EQ(of_another_process.next("ticks")->data["rows"], json::parse("[1, 2, 3]"));
}

TEST_F(GatewayTest, the_status_is_evaluated_only_while_somebody_listens) {
  start();
  EXPECT_EQ(status_calls_, 0);
  EventReader one(url("/api/events"));
  EventReader two(url("/api/events"));
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(one.next("status"));
    ASSERT_TRUE(two.next("status"));
  }
  EXPECT_LE(status_calls_, 10);  // 4 or 5 rounds, shared by two listeners, not always exactly
}

TEST_F(GatewayTest, a_slow_reader_gets_the_newest_rows_and_the_number_it_missed) {
  start({.send_buffer_bytes = 4096});
  const int slow = connect(4096);
  const std::string head = "GET /api/events?table=trades HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_GT(::send(slow, head.data(), head.size(), 0), 0);
  char byte;
  ASSERT_EQ(::recv(slow, &byte, 1, 0), 1);  // it is served, and reads no more
  EventReader quick(url("/api/events?table=trades"));
  const std::string wide = "\"" + std::string(2'000, 'x') + "\"";
  const std::string_view row = wide;
  constexpr uint64_t kRows = 1'000;
  uint64_t seen = 0;
  for (uint64_t i = 0; i < kRows; ++i) {
    ticks_.push("trades", std::span(&row, 1));
    if (i % 100 == 99) {
      // The quick reader is not held up by the slow one.
      const auto event = quick.next("ticks");
      ASSERT_TRUE(event);
      seen += event->data["rows"].size() + event->data["dropped"].get<uint64_t>();
    }
  }
  while (seen < kRows) {
    const auto event = quick.next("ticks");
    ASSERT_TRUE(event);
    seen += event->data["rows"].size() + event->data["dropped"].get<uint64_t>();
  }
  // Now the slow one reads on, until it has heard of every row.
  std::string text;
  char buffer[65536];
  while (text.find("\"total\":" + std::to_string(kRows)) == std::string::npos) {
    const ssize_t size = ::recv(slow, buffer, sizeof buffer, 0);
    ASSERT_GT(size, 0);
    text.append(buffer, static_cast<size_t>(size));
  }
  ::close(slow);
  uint64_t dropped = 0;
  for (size_t at = 0; (at = text.find("\"dropped\":", at)) != std::string::npos; ++at)
    dropped += std::strtoull(text.c_str() + at + 10, nullptr, 10);
  EXPECT_GT(dropped, 0u);
  EXPECT_LT(text.size(), wide.size() * kRows);
}

TEST_F(GatewayTest, a_live_query_sends_a_result_again_and_again) {
  start({.live_interval = std::chrono::milliseconds(10)});
  EventReader reader(url("/api/query/live?sql=SELECT+count(*)+FROM+trades"));
  EXPECT_EQ(reader.next("result")->data["rows"], json::parse("[[3]]"));
  EXPECT_TRUE(reader.next("result"));
  EventReader failing(url("/api/query/live?sql=SELECT+*+FROM+nosuch"));
  EXPECT_THAT(failing.next("failed")->data["error"]["what"].get<std::string>(),
              HasSubstr("nosuch"));
  EXPECT_EQ(ask({.url = "/api/query/live"}).status, 400);
}

TEST_F(GatewayTest, a_live_query_runs_once_for_all_who_look_and_ends_with_the_last) {
  start({.live_interval = std::chrono::milliseconds(100)});
  const std::string path = "/api/query/live?sql=SELECT+count(*)+FROM+trades";
  {
    EventReader first(url(path));
    const json seen = first.next("result")->data;
    EventReader second(url(path));
    EXPECT_EQ(second.next("result")->data["rows"], seen["rows"]);
    EventReader other(url(path + "&limit=1"));
    EXPECT_TRUE(other.next("result"));
    // The same answers to the last digit of their times: they came from the same runs.
    const auto next = [](EventReader& reader) { return reader.next("result")->data.dump(); };
    std::vector<std::string> of_first;
    std::vector<std::string> of_second;
    for (int i = 0; i < 5; ++i) {
      of_first.push_back(next(first));
      of_second.push_back(next(second));
    }
    EXPECT_THAT(of_first, testing::Contains(of_second[2]));
  }
  // A reader's end is noticed within a tenth of a second or so; then nothing runs any more.
  uint64_t before = 0;
  do {
    before = engine_.stats().queries;
    std::mutex never;
    std::unique_lock lock(never);
    std::condition_variable_any().wait_for(lock, std::chrono::milliseconds(350));
  } while (engine_.stats().queries != before);
}

TEST_F(GatewayTest, an_answer_has_a_limit_and_a_stream_has_none) {
  start();
  const std::string many = "SELECT i, repeat('x', 10000) FROM range(5000) t(i)";
  const HttpResponse refused = sql(many);
  EXPECT_EQ(refused.status, 400);
  const json error = json::parse(refused.body)["error"];
  EXPECT_EQ(error["what"], "the answer is too large");
  EXPECT_THAT(error["advice"].get<std::string>(), HasSubstr("format=csv"));
  EXPECT_GT(sql(many, "?format=csv").body.size(), 50'000'000u);
}

TEST(AnswerBudget, long_answers_that_nobody_reads_leave_room_for_short_ones) {
  AnswerBudget budget;
  std::vector<std::unique_ptr<AnswerBudget::Share>> unread;
  bool has_room = true;
  while (has_room) {
    unread.push_back(std::make_unique<AnswerBudget::Share>(budget));
    has_room = unread.back()->grow(kAnswerBytesMax);
  }
  EXPECT_EQ(unread.size(), kAnswersBytesMax / kAnswerBytesMax + 1);
  AnswerBudget::Share other(budget);
  EXPECT_TRUE(other.grow(kAnswerBytesFree));
  EXPECT_FALSE(other.grow(kAnswerBytesMax));
  unread.clear();
  EXPECT_TRUE(other.grow(kAnswerBytesMax));
}

TEST_F(GatewayTest, a_client_that_leaves_ends_its_query) {
  query::QueryEngine one(database_, clock_, {.sessions_max = 1});
  auto started = Server::start(
      {.listen = {"127.0.0.1", 0}}, one, ticks_, [] { return json::object(); }, files_, clock_,
      *logger_);
  ASSERT_TRUE(started);
  server_ = std::move(*started);
  thread_ = std::jthread([this](std::stop_token stop) { server_->run(stop); });
  {
    std::stop_source source;
    std::jthread leaver([&] {
      while (one.stats().queries == 0)
        std::this_thread::yield();
      source.request_stop();
    });
    const auto left = base::send_http({.method = "POST",
                                       .url = url("/api/query"),
                                       .headers = {"Content-Type: text/plain"},
                                       .body = kEndless,
                                       .stop = source.get_token()});
    ASSERT_FALSE(left);
    EXPECT_EQ(left.error().code, base::ErrorCode::kInterrupted);
  }
  EXPECT_EQ(sql("SELECT 1").status, 200);  // the only session is free again
}

TEST_F(GatewayTest, a_stop_ends_streams_and_queries) {
  start();
  EventReader reader(url("/api/events"));
  ASSERT_TRUE(reader.next("status"));
  std::jthread asks([this] {
    const auto answer = base::send_http({.method = "POST",
                                         .url = url("/api/query"),
                                         .headers = {"Content-Type: text/plain"},
                                         .body = kEndless});
    EXPECT_TRUE(!answer || answer->status == 503);
  });
  while (engine_.stats().queries == 0)
    std::this_thread::yield();
  thread_.request_stop();
  thread_.join();
  server_.reset();
  while (reader.next("status")) {
  }
}

TEST_F(GatewayTest, a_port_in_use_is_told_in_three_lines) {
  start();
  const auto second = Server::start(
      {.listen = server_->address()}, engine_, ticks_, [] { return json::object(); }, files_,
      clock_, *logger_);
  ASSERT_FALSE(second);
  EXPECT_THAT(base::to_text(second.error()),
              testing::MatchesRegex("error: cannot listen on 127.0.0.1:[0-9]+\n"
                                    "cause: Address already in use\ntry: .*--http-listen.*"));
}

}  // namespace
}  // namespace ticklake::gateway
