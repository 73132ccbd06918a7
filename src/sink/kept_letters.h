#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// `_ticklake/dead-letters`.
std::string kept_letters_folder();

/// Keeps `letters`, all of one topic, with `undelivered`, why they could not be delivered. They are
/// on disk when it returns.
base::Result<void> keep_letters(lake::ObjectStore& store, std::span<const DeadLetter> letters,
                                const std::string& undelivered);

/// How many letters of each topic are kept.
base::Result<std::map<std::string, uint64_t>> count_kept_letters(lake::ObjectStore& store);

/// A line of such an object, without its line end; `generation` is not in it. kCorrupt, saying what
/// is wrong, for anything that keep_letters() cannot have written.
base::Result<DeadLetter> parse_kept_letter(std::string_view line);

/// Keys of the objects with letters of `topic`, by generation, partition and offset.
base::Result<std::vector<std::string>> list_kept_letters(lake::ObjectStore& store,
                                                         const std::string& topic);
/// The letters in one of them.
base::Result<std::vector<DeadLetter>> read_kept_letters(lake::ObjectStore& store,
                                                        const std::string& key);

}  // namespace ticklake::sink
