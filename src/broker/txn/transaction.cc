#include "broker/txn/transaction.h"

#include <array>

namespace ticklake::broker {
namespace {

constexpr std::array<std::string_view, 8> kNames{
    "Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
    "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence"};

}  // namespace

std::string_view name_of(TxnState state) { return kNames.at(static_cast<size_t>(state)); }

std::optional<TxnState> parse_txn_state(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<TxnState>(i);
  }
  return std::nullopt;
}

}  // namespace ticklake::broker
