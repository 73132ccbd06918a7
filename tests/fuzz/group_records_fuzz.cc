#include <variant>

#include "base/assert.h"
#include "broker/group/group_records.h"
#include "broker/txn/txn_records.h"

using namespace ticklake;

// The first byte says what the rest is read as: a key or a value of __consumer_offsets or
// __transaction_state. What reads is written again to bytes that read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const base::ByteView bytes(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  if (data[0] % 4 == 0) {
    static_cast<void>(broker::parse_group_record_key(bytes));
    static_cast<void>(broker::parse_txn_key(bytes));
  } else if (data[0] % 4 == 3) {
    const auto value = broker::parse_txn_value(bytes);
    if (!value) return 0;
    const broker::CoordinatorRecord written = broker::txn_record("id", *value);
    TICKLAKE_ASSERT(broker::parse_txn_value(*written.value).has_value());
  } else if (data[0] % 4 == 1) {
    const auto value = broker::parse_offset_value(bytes);
    if (!value) return 0;
    const broker::OffsetsRecord written = broker::offset_record({"g", "t", 0}, *value);
    TICKLAKE_ASSERT(broker::parse_offset_value(*written.value).has_value());
  } else {
    const auto value = broker::parse_group_value(bytes);
    if (!value) return 0;
    const broker::OffsetsRecord written = broker::group_record({"g"}, *value);
    const auto again = broker::parse_group_value(*written.value);
    TICKLAKE_ASSERT(again && again->members.size() == value->members.size());
  }
  return 0;
}
