#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::gateway {

/// The newest rows of each table, on their way from the sink to the browsers. A table's rows stand
/// in one ring, which every reader reads at its own pace: a slow one finds the newest and is told
/// how many it missed. Thread-safe; nothing waits for a reader.
class TickStream {
 public:
  /// Rows that a table's ring keeps.
  static constexpr size_t kRowsMax = 200;

  /// What came after a reader's cursor.
  struct News {
    std::vector<std::string> rows;  ///< JSON objects, oldest first, at most kRowsMax
    uint64_t total = 0;             ///< rows of the table since this process began; the new cursor
    uint64_t dropped = 0;           ///< rows after the cursor that the ring no longer has
  };

  /// `newest` are JSON objects, the last `newest.size()` of `count` rows that became visible now.
  /// Only the last kRowsMax are looked at, so a caller need not print more.
  void push(std::string_view table, std::span<const std::string_view> newest, uint64_t count);
  void push(std::string_view table, std::span<const std::string_view> rows) {
    push(table, rows, rows.size());
  }

  /// What came after `cursor`; a cursor from the future (of another process) counts as 0.
  News after(std::string_view table, uint64_t cursor) const;
  uint64_t total(std::string_view table) const;

 private:
  struct Ring {
    std::deque<std::string> rows;
    uint64_t total = 0;
    uint64_t first_kept = 0;  ///< sequence number of rows.front(); the ring has no holes
  };
  mutable std::mutex mutex_;
  std::map<std::string, Ring, std::less<>> rings_;
};

/// A frame of the `ticks` event: {"table","rows":[…],"total","dropped"}.
std::string ticks_json(std::string_view table, const TickStream::News& news);

}  // namespace ticklake::gateway
