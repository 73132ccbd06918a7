#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/log/end_marker.h"
#include "broker/log/txn_index.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

/// Follows the transactions of a log that is being cleaned, batch by batch in the order of the log:
/// whose records go since they were aborted, and which markers have nothing left to end, so that
/// they may go too in their time. No I/O.
class CleanedTransactions {
 public:
  /// `aborted`: all those with records in the stretch, in any order, each maybe more than once.
  explicit CleanedTransactions(std::vector<AbortedTransaction> aborted);

  /// A batch of data stands next in the log. True if its transaction was aborted.
  bool is_aborted(const kafka::BatchHeader& data);

  struct Ended {
    bool had_data = false;  ///< in this stretch: its marker is needed
    std::optional<AbortedTransaction>
        aborted;  ///< to be told still, in the cleaned segment's index
  };
  /// A marker stands next in the log.
  Ended end(const kafka::BatchHeader& control, const EndMarker& marker);

 private:
  struct OpenAborted {
    AbortedTransaction transaction;
    bool had_data = false;
  };

  void go_on_to(int64_t last_offset);

  std::vector<AbortedTransaction> to_come_;                ///< by falling first offset
  std::unordered_map<int64_t, OpenAborted> open_aborted_;  ///< by producer
  std::unordered_set<int64_t> with_data_;  ///< producers whose transaction will be committed
};

}  // namespace ticklake::broker
