#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/admin.h"
#include "lake/object_store.h"
#include "sink/kept_letters.h"

namespace ticklake::sink {

struct ReplayOptions {
  std::string brokers = {};
  kafka::ClientSettings settings = {};
  std::string topic = {};  ///< whose letters are sent back to it
  uint64_t seed = 0;       ///< any number
  std::function<bool(const DeadLetter&)> is_chosen = {};
  std::stop_token stop = {};  ///< a broker that does not answer is waited for until then
};

struct ReplayOutcome {
  uint64_t sent = 0;
  uint64_t sent_before = 0;        ///< of those that were chosen
  std::vector<std::string> notes;  ///< for people: letters that cannot be sent, doubts
};

/// Sends the chosen dead letters back to their topic, with key and value, to the partition that
/// they were in if there still is one, under a header `ticklake.replay_of` ("trades/0@17"). Each is
/// sent once: a batch is noted in the lake before it is sent in one transaction, which also moves
/// the offset of a group, so that after a crash the next call finds out whether it was sent. Calls
/// at the same time end with an error for all but one.
base::Result<ReplayOutcome> replay_letters(kafka::Admin& admin, lake::ObjectStore& store,
                                           const base::Clock& clock, const ReplayOptions& options);

}  // namespace ticklake::sink
