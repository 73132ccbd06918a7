#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "sink/kept_letters.h"

namespace ticklake::sink {

// Which dead letters were sent back to their topic is kept in the lake, below
// `_ticklake/dead-letters/<topic>/replayed/`: an object for each batch, made before the batch is
// sent, and one beside it with its outcome. Both are created if absent and never changed.
// docs/formats/lake.md has them.

/// Which record of a topic a dead letter was.
struct LetterId {
  std::string generation;  ///< empty where it is not known
  int32_t partition = 0;
  int64_t offset = 0;

  auto operator<=>(const LetterId&) const = default;
};
inline LetterId id_of(const DeadLetter& letter) {
  return {letter.generation, letter.partition, letter.offset};
}

/// Letters that are sent in one transaction.
struct ReplayBatch {
  int64_t number = 0;
  std::vector<LetterId> letters;
  base::WallTime created;
};
inline constexpr size_t kReplayLettersMax = 1'000;
inline constexpr uint64_t kReplayBytesMax = 1 << 20;

std::string to_json(const ReplayBatch& batch);
/// The reverse; kCorrupt, saying what is wrong, for anything that it cannot have written.
base::Result<ReplayBatch> parse_replay_batch(std::string_view json);

/// What is known of the replays of a topic.
struct Replays {
  std::set<LetterId> sent;
  std::vector<ReplayBatch> open;  ///< of which the outcome is not known
  int64_t next_number = 0;
};
base::Result<Replays> read_replays(lake::ObjectStore& store, const std::string& topic);

/// A name for this lake's replays of `topic`, made from `seed` at the first call and the same ever
/// after.
base::Result<std::string> replay_name(lake::ObjectStore& store, const std::string& topic,
                                      uint64_t seed);

/// Says that the batch will be sent; kAlreadyExists if somebody else has begun one of that number.
base::Result<void> begin_replay(lake::ObjectStore& store, const std::string& topic,
                                const ReplayBatch& batch);
/// Says whether it was sent. Fine too if somebody has said the same; kAlreadyExists if the other.
base::Result<void> end_replay(lake::ObjectStore& store, const std::string& topic, int64_t number,
                              bool was_sent);

}  // namespace ticklake::sink
