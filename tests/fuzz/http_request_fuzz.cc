#include <string>

#include "base/assert.h"
#include "http/connection.h"
#include "http/testing/memory_bed.h"

using namespace ticklake;

namespace {

constexpr uint64_t kBodyBytesMax = 512;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

http::Task<http::Response> echo(http::Exchange& exchange) {
  const auto body = co_await exchange.read_whole_body();
  if (!body) co_return http::Response();
  TICKLAKE_ASSERT(body->size() <= kBodyBytesMax);
  std::string text = std::string(exchange.request().method()) + " " +
                     std::string(exchange.request().target()) + "\n";
  for (const http::Field& field : exchange.request().fields()) {
    TICKLAKE_ASSERT(field.value.find_first_of(std::string_view("\r\n\0", 3)) ==
                    std::string_view::npos);
    text += std::string(field.name) + "=" + std::string(field.value) + "\n";
  }
  co_return http::Response::of(200, "text/plain", text + *body);
}

http::Response ignore(const http::Request& request) {
  return http::Response::of(200, "text/plain", std::string(request.parameter("name")));
}

http::Site make_site() {
  http::Site site;
  site.router.add({"*", "/{path...}", http::anyone(), echo, kBodyBytesMax});
  site.router.add({"*", "/ignore/{name}", http::anyone(), ignore, kBodyBytesMax});
  return site;
}

/// What a client that sends `input` in pieces of so many bytes is answered, without "100 Continue",
/// which depends on what has come by then.
std::string answers(const std::string& input, size_t piece_bytes) {
  static const http::Site site = make_site();
  http::MemoryTransport transport(input, piece_bytes);
  http::MemoryRuntime runtime;
  {
    http::Connection connection(transport, site, runtime);
    bool has_ended = false;
    http::run_detached(connection.run(), [&](std::exception_ptr thrown) {
      TICKLAKE_ASSERT(!thrown);
      has_ended = true;
    });
    TICKLAKE_ASSERT(has_ended);
  }
  std::string& output = transport.output;
  for (size_t at = output.find(kContinue); at != std::string::npos; at = output.find(kContinue, at))
    output.erase(at, kContinue.size());
  return output;
}

}  // namespace

/// Whatever a client sends, the connection ends, what is read as a field or as a body is none that
/// could hide another request, and it is read the same however the bytes are cut.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece_bytes = 1 + data[0] % 64;
  const std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = answers(input, SIZE_MAX);
  TICKLAKE_ASSERT(whole.empty() || whole.starts_with("HTTP/1.1 "));
  TICKLAKE_ASSERT(answers(input, piece_bytes) == whole);
  TICKLAKE_ASSERT(answers(input, 1) == whole);
  return 0;
}
