#include "broker/log/txn_index.h"

namespace ticklake::broker {
namespace {

constexpr int16_t kVersion = 0;
constexpr size_t kEntryBytes = 34;

}  // namespace

base::Bytes write_txn_index(std::span<const AbortedTransaction> transactions) {
  base::ByteWriter to;
  for (const AbortedTransaction& one : transactions) {
    to.big_endian(kVersion);
    to.big_endian(one.producer_id);
    to.big_endian(one.first_offset);
    to.big_endian(one.last_offset);
    to.big_endian(one.last_stable_offset);
  }
  return to.take();
}

base::Result<std::vector<AbortedTransaction>> read_txn_index(base::ByteView bytes) {
  std::vector<AbortedTransaction> transactions;
  base::ByteReader from(bytes);
  bool is_sound = bytes.size() % kEntryBytes == 0;
  while (is_sound && from.remaining() > 0) {
    is_sound = from.big_endian<int16_t>() == kVersion;
    AbortedTransaction one;
    one.producer_id = from.big_endian<int64_t>();
    one.first_offset = from.big_endian<int64_t>();
    one.last_offset = from.big_endian<int64_t>();
    one.last_stable_offset = from.big_endian<int64_t>();
    is_sound = is_sound && one.first_offset <= one.last_offset &&
               (transactions.empty() || transactions.back().last_offset < one.last_offset);
    transactions.push_back(one);
  }
  if (!is_sound) {
    return base::fail(base::ErrorCode::kCorrupt, "the index of aborted transactions does not read");
  }
  return transactions;
}

}  // namespace ticklake::broker
