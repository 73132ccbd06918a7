#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "lake/object_store.h"

namespace ticklake::sink {

/// A record that can be no row.
struct DeadLetter {
  std::string topic;
  std::string generation;  ///< of the topic, as in lake::ChainId
  int32_t partition = 0;
  int64_t offset = 0;
  std::optional<std::string> key;
  std::string value;
  std::string reason;  ///< why it is no row
};

// Dead letters that their topic does not take stand in the lake, at
// `_ticklake/dead-letters/<topic>/<generation>/<partition>/<first offset, 20
// digits>-<count>.jsonl`; docs/formats/lake.md has the lines.

/// Keeps `letters`, all of one topic, with `undelivered`, why they could not be delivered. They are
/// on disk when it returns.
base::Result<void> keep_letters(lake::ObjectStore& store, std::span<const DeadLetter> letters,
                                const std::string& undelivered);

/// How many letters of each topic are kept.
base::Result<std::map<std::string, uint64_t>> count_kept_letters(lake::ObjectStore& store);

}  // namespace ticklake::sink
