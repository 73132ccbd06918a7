#include "model.h"

#include <algorithm>

namespace ticklake::sim {

void Model::seen(Isolation isolation, const Place& place, const std::string& value) {
  Log& log = isolation == Isolation::kCommitted ? seen_committed_ : seen_uncommitted_;
  const auto [entry, is_new] = log.emplace(place, value);
  if (!is_new && entry->second != value) {
    violation(place.text() + " was " + entry->second + " and is " + value);
  }
}

void Model::acknowledged(const Place& place, const std::string& value) {
  acked_[place] = value;
  int64_t& end = acknowledged_ends_[{place.topic, place.partition}];
  end = std::max(end, place.offset + 1);
}

void Model::deleting(const std::string& topic, int32_t partition, int64_t offset) {
  int64_t& most = maybe_gone_[{topic, partition}];
  most = std::max(most, offset);
}

void Model::deleted(const std::string& topic, int32_t partition, int64_t offset,
                    int64_t low_watermark) {
  ++deletions_;
  int64_t& gone = gone_[{topic, partition}];
  if (low_watermark < std::max(gone, offset) ||
      low_watermark > maybe_gone_before(topic, partition)) {
    violation(topic + "-" + std::to_string(partition) + " begins at " +
              std::to_string(low_watermark) + " after what was before " + std::to_string(offset) +
              " was deleted, and before " + std::to_string(gone) + " earlier");
  }
  gone = std::max(gone, low_watermark);
}

int64_t Model::gone_before(const std::string& topic, int32_t partition) const {
  const auto found = gone_.find({topic, partition});
  return found == gone_.end() ? 0 : found->second;
}

int64_t Model::maybe_gone_before(const std::string& topic, int32_t partition) const {
  const auto found = maybe_gone_.find({topic, partition});
  return found == maybe_gone_.end() ? 0 : found->second;
}

int64_t Model::acknowledged_end(const std::string& topic, int32_t partition) const {
  const auto found = acknowledged_ends_.find({topic, partition});
  return found == acknowledged_ends_.end() ? 0 : found->second;
}

void Model::audit_order(const Log& log) {
  // What a deletion left of the first copy of a batch may stand before the whole second one: of
  // 1 2 3 1 2 3 it leaves 2 3 1 2 3, and so 1 is behind 3. Only there, at the beginning.
  struct Newest {
    int64_t number = 0;
    bool may_be_rest_of_a_copy = true;
  };
  std::map<std::string, int> counts;
  std::map<std::tuple<std::string, int32_t, std::string>, Newest> newest;
  for (const auto& [place, value] : log) {
    const bool may_be_twice = maybe_twice_.contains(value);
    if (++counts[value] > 1) {
      if (!may_be_twice) violation(place.text() + ": duplicate of " + value);
      continue;
    }
    const size_t colon = value.find(':');
    const int64_t number = std::stoll(value.substr(colon + 1));
    Newest& before = newest[{place.topic, place.partition, value.substr(0, colon)}];
    before.may_be_rest_of_a_copy = before.may_be_rest_of_a_copy && may_be_twice &&
                                   maybe_gone_before(place.topic, place.partition) > 0;
    if (number < before.number) {
      if (!before.may_be_rest_of_a_copy)
        violation(place.text() + ": " + value + " is out of order");
      before.may_be_rest_of_a_copy = false;
    }
    before.number = number;
  }
}

void Model::audit_seen(const Log& seen, const Log& log, const std::string& who) {
  for (const auto& [place, value] : seen) {
    const auto found = log.find(place);
    if (found != log.end() && found->second == value) continue;
    const bool may_be_gone = place.offset < maybe_gone_before(place.topic, place.partition);
    if (found == log.end() && may_be_gone) continue;
    if (found == log.end() && keyed_.contains(value)) continue;  // for audit_compaction()
    violation(place.text() + ": " + who + " saw " + value + ", there is " +
              (found == log.end() ? "nothing" : found->second));
  }
}

/// Of each key the last record is there, unless it is a tombstone. A record is never gone while an
/// older one of its key is there.
void Model::audit_compaction(const Log& log) {
  Log known = acked_;
  known.insert(seen_uncommitted_.begin(), seen_uncommitted_.end());
  known.insert(log.begin(), log.end());
  struct Newest {
    Place place;
    bool is_there = false;
    bool is_tombstone = false;
  };
  std::map<std::tuple<std::string, int32_t, std::string>, Newest> newest;
  for (const auto& [place, value] : known) {
    const auto keyed = keyed_.find(value);
    if (keyed == keyed_.end()) continue;
    const auto& [key, is_tombstone] = keyed->second;
    const bool is_there = log.contains(place);
    const auto [before, is_first] = newest.try_emplace({place.topic, place.partition, key});
    if (!is_there) ++compacted_;
    if (!is_there && !is_first && before->second.is_there) {
      violation(place.text() + " is gone, and " + before->second.place.text() +
                " of the same key is there");
    }
    before->second = {place, is_there, is_tombstone};
  }
  for (const auto& [id, last] : newest) {
    if (!last.is_there && !last.is_tombstone)
      violation(last.place.text() + " is gone, the last of " + std::get<2>(id));
  }
}

void Model::audit(const Log& uncommitted, const Log& committed,
                  const std::map<std::string, int64_t>& group_offsets) {
  audit_order(uncommitted);
  for (const auto& [place, value] : uncommitted) {
    if (place.offset < gone_before(place.topic, place.partition)) {
      violation(place.text() + " was deleted, and is there: " + value);
    }
  }
  audit_seen(seen_uncommitted_, uncommitted, "read_uncommitted");
  audit_seen(seen_committed_, committed, "read_committed");
  audit_seen(acked_, uncommitted, "who was acknowledged");
  audit_compaction(uncommitted);
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
