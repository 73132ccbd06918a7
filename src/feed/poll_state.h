#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ticklake::feed {

/// What a row is known by: the first half of a SHA-256.
struct RowId {
  std::array<std::byte, 16> bytes{};

  static RowId of(std::string_view text);
  auto operator<=>(const RowId&) const = default;
};

struct RowIdHash {
  size_t operator()(const RowId& id) const;
};

/// Key and value of a record of the state topic; of one key only the newest counts.
using StateRecord = std::pair<std::string, std::string>;

/// The newest ids of rows, at most so many: those of before are forgotten. They stand in a ring of
/// chunks, a record each, so that what a transaction has to write is small and what the compacted
/// topic holds is bounded.
class SeenRows {
 public:
  static constexpr size_t kChunkIds = 256;
  static constexpr size_t kCountDefault = 100'000;

  explicit SeenRows(size_t count_max);

  /// The `seen` records of a state topic; kCorrupt if one is none of ours. `head` ids were ever
  /// added.
  base::Result<void> load(const std::map<std::string, std::string>& records, uint64_t head);

  bool contains(const RowId& id) const { return positions_.contains(id); }
  /// Whether it stands in the older half, so that it has to be added again while it is still
  /// answered, or it would be forgotten some day and be sent again.
  bool is_old(const RowId& id) const;
  uint64_t head() const { return begin_ + ids_.size(); }
  size_t count_max() const { return count_max_; }

  /// The records that hold `more` behind what is there.
  std::vector<StateRecord> records_with(std::span<const RowId> more) const;
  void add(std::span<const RowId> more);

 private:
  void append(const RowId& id);

  size_t count_max_;
  uint64_t begin_ = 0;  ///< the position of ids_.front()
  std::deque<RowId> ids_;
  std::unordered_map<RowId, uint64_t, RowIdHash> positions_;  ///< the newest of each
};

/// Where a poller stands, apart from the rows that it has seen.
struct PollPosition {
  std::string parameters = {};  ///< a digest of the address, so that another query shows
  std::string source = {};      ///< the address without its query, which may be secret
  std::string cursor = {};      ///< what the next poll asks with; empty: nothing
  /// A pass is the pages from the first one to the last; the next one of it. Empty: a new pass.
  std::string next = {};
  uint64_t pages = 0;         ///< of the pass that is under way
  bool is_complete = true;    ///< every pass before this one got to its end
  bool has_passed = false;    ///< a pass got to its end
  bool has_answered = false;  ///< rows were read of an answer
  std::string etag = {}, last_modified = {};
  uint64_t rows_sent = 0;  ///< ever

  bool operator==(const PollPosition&) const = default;
};

inline constexpr std::string_view kPositionKey = "position";

/// The value of the record with kPositionKey; `head` is that of SeenRows.
std::string position_to_json(const PollPosition& position, uint64_t head);
/// Its inverse; none if it is not ours.
std::optional<std::pair<PollPosition, uint64_t>> position_from_json(std::string_view json);

}  // namespace ticklake::feed
