#include "broker/log/cleaned_transactions.h"

#include <algorithm>
#include <utility>

namespace ticklake::broker {

CleanedTransactions::CleanedTransactions(std::vector<AbortedTransaction> aborted)
    : to_come_(std::move(aborted)) {
  std::ranges::sort(to_come_, std::ranges::greater(), &AbortedTransaction::first_offset);
}

/// Opens the aborted transactions that begin up to there.
void CleanedTransactions::go_on_to(int64_t last_offset) {
  while (!to_come_.empty() && to_come_.back().first_offset <= last_offset) {
    const AbortedTransaction& next = to_come_.back();
    open_aborted_.try_emplace(next.producer_id, OpenAborted{next, false});
    to_come_.pop_back();
  }
}

bool CleanedTransactions::is_aborted(const kafka::BatchHeader& data) {
  go_on_to(data.last_offset());
  if (!data.is_transactional()) return false;
  const auto aborted = open_aborted_.find(data.producer_id);
  if (aborted == open_aborted_.end()) {
    with_data_.insert(data.producer_id);
    return false;
  }
  aborted->second.had_data = true;
  return true;
}

CleanedTransactions::Ended CleanedTransactions::end(const kafka::BatchHeader& control,
                                                    const EndMarker& marker) {
  go_on_to(control.last_offset());
  if (marker.is_commit) return {with_data_.erase(control.producer_id) > 0, std::nullopt};
  const auto aborted = open_aborted_.find(control.producer_id);
  if (aborted == open_aborted_.end()) return {};
  const OpenAborted ended = aborted->second;
  open_aborted_.erase(aborted);
  if (!ended.had_data) return {};
  return {true, ended.transaction};
}

}  // namespace ticklake::broker
