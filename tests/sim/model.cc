#include "model.h"

namespace ticklake::sim {

void Model::seen(Isolation isolation, const Place& place, const std::string& value) {
  Log& log = isolation == Isolation::kCommitted ? seen_committed_ : seen_uncommitted_;
  const auto [entry, is_new] = log.emplace(place, value);
  if (!is_new && entry->second != value) {
    violation(place.text() + " was " + entry->second + " and is " + value);
  }
}

void Model::audit_order(const Log& log) {
  std::map<std::string, int> counts;
  std::map<std::tuple<std::string, int32_t, std::string>, int64_t> newest;
  for (const auto& [place, value] : log) {
    if (++counts[value] > 1) {
      if (!maybe_twice_.contains(value)) violation(place.text() + ": duplicate of " + value);
      continue;
    }
    const size_t colon = value.find(':');
    const int64_t number = std::stoll(value.substr(colon + 1));
    int64_t& before = newest[{place.topic, place.partition, value.substr(0, colon)}];
    if (number < before) violation(place.text() + ": " + value + " is out of order");
    before = number;
  }
}

void Model::audit_seen(const Log& seen, const Log& log, const std::string& who) {
  for (const auto& [place, value] : seen) {
    const auto found = log.find(place);
    if (found != log.end() && found->second == value) continue;
    violation(place.text() + ": " + who + " saw " + value + ", there is " +
              (found == log.end() ? "nothing" : found->second));
  }
}

void Model::audit(const Log& uncommitted, const Log& committed,
                  const std::map<std::string, int64_t>& group_offsets) {
  audit_order(uncommitted);
  audit_seen(seen_uncommitted_, uncommitted, "read_uncommitted");
  audit_seen(seen_committed_, committed, "read_committed");
  audit_seen(acked_, uncommitted, "who was acknowledged");
  std::set<std::string> there;
  for (const auto& [place, value] : committed)
    there.insert(value);
  std::map<std::string, int64_t> newest;
  for (const auto& [id, transaction] : transactions_) {
    size_t count = 0;
    for (const std::string& value : transaction.values)
      count += there.contains(value) ? 1 : 0;
    const std::string name = id.first + ":" + std::to_string(id.second);
    const bool is_whole = count == transaction.values.size();
    if (count > 0 && !is_whole) violation("half of transaction " + name);
    if (transaction.outcome == Outcome::kCommitted && !is_whole) violation("lost: " + name);
    if (transaction.outcome == Outcome::kAborted && count > 0) violation("not aborted: " + name);
    if (is_whole) newest[id.first] = id.second;
  }
  for (const auto& [client, offset] : group_offsets) {
    const auto found = newest.find(client);
    const int64_t expected = found == newest.end() ? -1 : found->second;
    if (offset != expected) {
      violation("offset of " + client + " is " + std::to_string(offset) +
                ", its last transaction " + std::to_string(expected));
    }
  }
}

}  // namespace ticklake::sim
