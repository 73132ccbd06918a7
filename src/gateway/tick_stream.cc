#include "gateway/tick_stream.h"

#include <algorithm>

#include "query/format.h"

namespace ticklake::gateway {

void TickStream::push(std::string_view table, std::span<const std::string_view> newest,
                      uint64_t count) {
  if (newest.size() > kRowsMax) newest = newest.last(kRowsMax);
  const std::lock_guard lock(mutex_);
  auto found = rings_.find(table);
  if (found == rings_.end()) found = rings_.emplace(std::string(table), Ring{}).first;
  Ring& ring = found->second;
  // Rows that were never printed leave a hole before `newest`; what stands before it is old news.
  if (count > newest.size()) ring.rows.clear();
  for (const std::string_view row : newest) {
    // A JSON object may be printed over several lines; an event of the stream may not.
    std::string& line = ring.rows.emplace_back(row);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
  while (ring.rows.size() > kRowsMax)
    ring.rows.pop_front();
  ring.total += count;
  ring.first_kept = ring.total - ring.rows.size();
}

TickStream::News TickStream::after(std::string_view table, uint64_t cursor) const {
  const std::lock_guard lock(mutex_);
  const auto found = rings_.find(table);
  if (found == rings_.end()) return {};
  const Ring& ring = found->second;
  if (cursor > ring.total) cursor = 0;
  const uint64_t from = std::max(cursor, ring.first_kept);
  News news{{}, ring.total, from - cursor};
  const auto skip = static_cast<ptrdiff_t>(from - ring.first_kept);
  news.rows.assign(ring.rows.begin() + skip, ring.rows.end());
  return news;
}

uint64_t TickStream::total(std::string_view table) const {
  const std::lock_guard lock(mutex_);
  const auto found = rings_.find(table);
  return found == rings_.end() ? 0 : found->second.total;
}

std::string ticks_json(std::string_view table, const TickStream::News& news) {
  std::string json = "{\"table\":";
  query::append_json_string(table, json);
  json += ",\"rows\":[";
  for (size_t i = 0; i < news.rows.size(); ++i) {
    if (i > 0) json += ',';
    json += news.rows[i];
  }
  json += "],\"total\":" + std::to_string(news.total) +
          ",\"dropped\":" + std::to_string(news.dropped) + "}";
  return json;
}

}  // namespace ticklake::gateway
