// A server on src/http for real clients: http_test.py sends them, wrk measures it.
//
// usage: http_test_server FILE [NAME=VALUE…]
//   threads, connections, idle_ms, request_ms, write_ms, send_buffer: limits; certificate, key: a
//   second listener with TLS.
// FILE is what /file serves. Prints "ready PORT TLS-PORT" and ends with its standard input.

#include <atomic>
#include <charconv>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

#include <unistd.h>

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/file_system.h"
#include "base/log.h"
#include "http/percent.h"
#include "http/range.h"
#include "http/same_site.h"
#include "http/server.h"

namespace {

using namespace ticklake;
using http::Exchange;
using http::Request;
using http::Response;
using http::Task;

constexpr uint64_t kAnySize = UINT64_MAX;
constexpr size_t kPieceBytes = 256 * 1024;

uint64_t number_of(std::string_view text, uint64_t otherwise = 0) {
  uint64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// What handlers have seen of their clients; of several threads.
struct Seen {
  std::atomic<int> running = 0;
  std::atomic<int> stopped = 0;
};

Response small(const Request& request) {
  const uint64_t size = number_of(request.parameter("size"));
  return Response::of(200, "application/octet-stream", std::string(size, 'x'));
}

/// All that was received, for the client to compare.
Task<Response> tell(Exchange& exchange) {
  const auto body = co_await exchange.read_whole_body();
  if (!body) co_return Response();
  const Request& request = exchange.request();
  std::string text = std::string(request.method()) + "\n" + std::string(request.target()) + "\n" +
                     std::string(request.host()) + "\n" +
                     request.peer().certificate_subject.value_or("") + "\n";
  for (const http::Field& field : request.fields())
    text += std::string(field.name) + "=" + std::string(field.value) + "\n";
  co_return Response::of(200, "text/plain", text + "\n" + *body);
}

Task<Response> count(Exchange& exchange) {
  uint64_t size = 0;
  uint32_t sum = 0;
  while (true) {
    const auto piece = co_await exchange.read_body();
    if (!piece) co_return Response();
    if (piece->empty()) break;
    size += piece->size();
    sum = base::crc32c(*piece, sum);
  }
  co_return Response::of(200, "text/plain",
                         std::to_string(size) + " " + std::to_string(sum) + "\n");
}

Response generate(const Request& request) {
  const uint64_t size = number_of(request.parameter("size"));
  const bool is_chunked = http::query_value(request.raw_query(), "chunked").has_value();
  Response response;
  response.fields.add("Content-Type", "application/octet-stream");
  http::BodyStream stream;
  if (!is_chunked) stream.length = size;
  stream.write = [size](http::BodyWriter& writer) -> Task<base::Result<void>> {
    const std::string piece(kPieceBytes, 'g');
    for (uint64_t left = size; left > 0;) {
      const size_t step = std::min<uint64_t>(left, piece.size());
      TICKLAKE_CO_TRY(co_await writer.write(std::string_view(piece).substr(0, step)));
      left -= step;
    }
    co_return base::Result<void>();
  };
  response.body = std::move(stream);
  return response;
}

Response serve_file(const Request& request, const std::shared_ptr<base::File>& file) {
  const auto size = file->size();
  if (!size) return Response::of(500, "text/plain", base::to_line(size.error()));
  const http::Range range = http::resolve_range(request.field("Range"), *size);
  Response response;
  response.fields.add("Content-Type", "application/octet-stream");
  response.fields.add("Accept-Ranges", "bytes");
  if (range.kind != http::Range::Kind::kWhole)
    response.fields.add("Content-Range", http::content_range(range, *size));
  response.status = range.kind == http::Range::Kind::kWhole  ? 200
                    : range.kind == http::Range::Kind::kPart ? 206
                                                             : 416;
  if (response.status != 416) response.body = base::FileRegion{file, range.first, range.size};
  return response;
}

/// Works on the pool until its client leaves, ten seconds at most.
Task<Response> work_for_long(Exchange& exchange, Seen& seen, const base::Clock& clock) {
  const std::stop_token stop = exchange.stop_token();
  ++seen.running;
  const bool was_stopped = co_await exchange.run_blocking([&] {
    const auto end = clock.monotonic_now() + std::chrono::seconds(10);
    while (!stop.stop_requested() && clock.monotonic_now() < end)
      std::this_thread::yield();
    return stop.stop_requested();
  });
  --seen.running;
  if (was_stopped) ++seen.stopped;
  co_return Response::of(200, "text/plain", "done\n");
}

Task<Response> events(Exchange& exchange, Seen& seen) {
  Response response;
  response.fields.add("Content-Type", "text/event-stream");
  const uint64_t bytes =
      number_of(http::query_value(exchange.request().raw_query(), "bytes").value_or(""));
  http::BodyStream stream;
  stream.write = [&exchange, &seen, bytes](http::BodyWriter& writer) -> Task<base::Result<void>> {
    ++seen.running;
    base::Result<void> written;
    for (int i = 0; written; ++i) {
      const std::string event = "data: " + std::to_string(i) + std::string(bytes, 'e') + "\n\n";
      written = co_await writer.write(event);
      const bool goes_on = co_await exchange.sleep(std::chrono::milliseconds(5));
      if (!goes_on) break;
    }
    --seen.running;
    ++seen.stopped;
    co_return written;
  };
  response.body = std::move(stream);
  co_return response;
}

http::Policy refuses_all() {
  return [](Request&) -> std::optional<Response> {
    return Response::of(403, "text/plain", "not you\n");
  };
}

http::Site make_site(const std::shared_ptr<base::File>& file, Seen& seen,
                     const base::Clock& clock) {
  http::Site site;
  http::Router& router = site.router;
  router.add({"GET", "/small/{size}", http::anyone(), small});
  router.add({"*", "/tell/{path...}", http::anyone(), tell, 1'000'000});
  router.add({"PUT", "/count", http::anyone(), count, kAnySize});
  router.add({"PUT", "/limited", http::anyone(), count, 1'000'000});
  router.add({"PUT", "/refused", refuses_all(), count, kAnySize});
  router.add({"PUT", "/unread", http::anyone(),
              [](const Request&) { return Response::of(200, "text/plain", "not read\n"); },
              kAnySize});
  router.add({"GET", "/generated/{size}", http::anyone(), generate});
  router.add({"GET", "/file", http::anyone(),
              [file](const Request& request) { return serve_file(request, file); }});
  router.add({"*", "/work", http::anyone(),
              [&seen, &clock](Exchange& exchange) { return work_for_long(exchange, seen, clock); },
              kAnySize});
  router.add({"GET", "/events", http::anyone(),
              [&seen](Exchange& exchange) { return events(exchange, seen); }});
  router.add({"GET", "/same", http::same_site({}, http::answer_in_text), small});
  router.add({"GET", "/seen", http::anyone(), [&seen](const Request&) {
                return Response::of(
                    200, "text/plain",
                    std::to_string(seen.running) + " " + std::to_string(seen.stopped) + "\n");
              }});
  return site;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::map<std::string, std::string> settings;
  for (int i = 2; i < argc; ++i) {
    const std::string setting = argv[i];
    const size_t equals = setting.find('=');
    settings[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  const auto set = [&](const char* name, uint64_t otherwise) {
    return number_of(settings[name], otherwise);
  };
  base::PosixFileSystem files;
  base::SystemClock clock;
  const auto logger = base::make_stderr_logger(spdlog::level::info);
  auto opened = files.open(argv[1], base::OpenMode::kRead);
  if (!opened) return std::fputs(base::to_text(opened.error()).c_str(), stderr), 1;
  const std::shared_ptr<base::File> file = std::move(*opened);

  Seen seen;
  http::ServerOptions options;
  options.io_threads = set("threads", 1);
  http::Server server(options, files, clock, *logger);
  std::string ready = "ready";
  for (const bool is_encrypted : {false, true}) {
    http::Listener listener;
    if (is_encrypted && settings["certificate"].empty()) break;
    if (is_encrypted)
      listener.tls =
          base::TlsFiles{settings["certificate"], settings["key"], settings["client_ca"]};
    if (!is_encrypted) listener.address.port = static_cast<uint16_t>(set("port", 0));
    http::Site site = make_site(file, seen, clock);
    site.limits.connections_max = set("connections", 1024);
    site.limits.idle_time_max = std::chrono::milliseconds(set("idle_ms", 60'000));
    site.limits.request_time_max = std::chrono::milliseconds(set("request_ms", 10'000));
    site.limits.write_time_max = std::chrono::milliseconds(set("write_ms", 30'000));
    site.limits.send_buffer_bytes = static_cast<int>(set("send_buffer", 0));
    const auto bound = server.listen(listener, std::move(site));
    if (!bound) return std::fputs(base::to_text(bound.error()).c_str(), stderr), 1;
    ready += " " + std::to_string(bound->port);
  }
  std::puts(ready.c_str());
  std::fflush(stdout);
  std::jthread waiting([&server](const std::stop_token& stop) { server.run(stop); });
  char byte;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
