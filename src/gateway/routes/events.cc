#include <charconv>
#include <map>

#include <fmt/format.h>

#include "gateway/routes.h"
#include "http/percent.h"

namespace ticklake::gateway {
namespace {

constexpr std::chrono::milliseconds kTickInterval{50};
constexpr std::chrono::seconds kHeartbeatInterval{10};
constexpr size_t kTablesMax = 16;  // of one stream

/// Where the stream of each table is; the total of its rows.
using Cursors = std::map<std::string, uint64_t>;

/// Where a stream goes on: after what the browser has seen before it lost the connection
/// (Last-Event-ID, "table:total"), else at the oldest row that is still here.
uint64_t first_cursor(const TickStream& ticks, const std::string& table, std::string_view seen) {
  const TickStream::News kept = ticks.after(table, 0);
  const size_t colon = seen.rfind(':');
  if (colon != std::string_view::npos && seen.substr(0, colon) == table) {
    uint64_t cursor = 0;
    const std::string_view digits = seen.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), cursor);
    if (read.ec == std::errc{} && cursor <= kept.total) return cursor;
  }
  return kept.dropped;
}

Cursors first_cursors(const TickStream& ticks, const http::Request& request) {
  Cursors cursors;
  for (const http::QueryItem& item : http::split_query(request.raw_query())) {
    if (item.name != "table" || cursors.size() == kTablesMax) continue;
    const auto table = http::percent_decode(item.value, http::Plus::kIsBlank);
    if (table) cursors[*table] = first_cursor(ticks, *table, request.field("Last-Event-ID"));
  }
  return cursors;
}

void append_ticks(const TickStream& ticks, Cursors& cursors, std::string& into) {
  for (auto& [table, cursor] : cursors) {
    const TickStream::News news = ticks.after(table, cursor);
    if (news.total == cursor) continue;
    cursor = news.total;
    into += fmt::format("event: ticks\nid: {}:{}\ndata: ", table, news.total);
    into += ticks_json(table, news) + "\n\n";
  }
}

http::Task<base::Result<void>> write_events(Context& context, http::Exchange& exchange,
                                            Cursors cursors, http::BodyWriter& body) {
  base::MonotonicTime status_due = context.clock.monotonic_now();
  base::MonotonicTime heartbeat_due = status_due + kHeartbeatInterval;
  bool goes_on = true;
  while (goes_on) {
    std::string text;
    append_ticks(context.ticks, cursors, text);
    const base::MonotonicTime now = context.clock.monotonic_now();
    if (now >= status_due) {
      // A little younger than the interval, so that all listeners share one.
      const auto status = co_await context.status.get(exchange, kStatusInterval - kTickInterval);
      text += "event: status\ndata: " + *status + "\n\n";
      status_due = now + kStatusInterval;
    }
    if (text.empty() && now >= heartbeat_due) text = ":\n\n";
    if (!text.empty()) {
      TICKLAKE_CO_TRY(co_await body.write(text));
      heartbeat_due = now + kHeartbeatInterval;
    }
    goes_on = co_await exchange.sleep(kTickInterval);
  }
  co_return base::Result<void>();
}

}  // namespace

http::Task<http::Response> answer_events(Context& context, http::Exchange& exchange) {
  co_return event_stream(
      [&context, &exchange, cursors = first_cursors(context.ticks, exchange.request())](
          http::BodyWriter& body) { return write_events(context, exchange, cursors, body); });
}

}  // namespace ticklake::gateway
