#include <algorithm>

#include "base/assert.h"
#include "broker/log/batch_scanner.h"
#include "broker/log/producer_state.h"
#include "broker/log/txn_index.h"

using namespace ticklake;

namespace {

/// A file whose content is the input.
class InputFile final : public base::File {
 public:
  explicit InputFile(base::ByteView bytes) : bytes_(bytes) {}
  base::Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    if (position >= bytes_.size()) return size_t{0};
    const size_t count = std::min<size_t>(into.size(), bytes_.size() - position);
    std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(position), count, into.begin());
    return count;
  }
  base::Result<void> write_at(uint64_t, base::ByteView) override { return read_only(); }
  base::Result<void> write_parts_at(uint64_t, std::span<const base::ByteView>) override {
    return read_only();
  }
  base::Result<uint64_t> size() override { return bytes_.size(); }
  base::Result<void> truncate(uint64_t) override { return read_only(); }
  base::Result<void> reserve(uint64_t) override { return read_only(); }
  base::Result<void> sync_data() override { return {}; }
  int descriptor() const override { return -1; }

 private:
  static base::Result<void> read_only() {
    return base::fail(base::ErrorCode::kUnsupported, "the input is read only");
  }
  base::ByteView bytes_;
};

}  // namespace

// As a segment: the scanner always moves on or stops. As a producer snapshot or an index of aborted
// transactions: it reads or not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const base::ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  InputFile file(bytes);
  broker::BatchScanner scanner(file, 0, size);
  broker::ProducerState producers;
  uint64_t position = 0;
  while (true) {
    const auto batch = scanner.next();
    if (!batch || !batch->has_value()) break;
    TICKLAKE_ASSERT(scanner.position() > position && scanner.position() <= size);
    position = scanner.position();
    static_cast<void>(kafka::batch_crc_matches((*batch)->bytes, (*batch)->header));
    if (producers.check((*batch)->header).error == kafka::ErrorCode::kNone) {
      producers.update((*batch)->header, 0);
    }
    static_cast<void>(broker::parse_end_marker((*batch)->bytes));
  }
  broker::ProducerState restored;
  if (restored.restore(bytes)) TICKLAKE_ASSERT(restored.restore(restored.snapshot()));
  if (const auto aborted = broker::read_txn_index(bytes)) {
    TICKLAKE_ASSERT(broker::write_txn_index(*aborted) == base::Bytes(bytes.begin(), bytes.end()));
  }
  return 0;
}
