#pragma once

#include <cstdint>
#include <optional>

#include "base/file_system.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

/// What is read of a batch before its CRC says that its length is right: a length that is not may
/// be anything.
inline constexpr size_t kUncheckedBatchBytesMax = size_t{1} << 20;

/// Whether the CRC of the batch at `position` of `file` is that of its header. Reads it in pieces,
/// so that it costs no memory.
base::Result<bool> batch_crc_matches(base::File& file, uint64_t position,
                                     const kafka::BatchHeader& header);

/// Reads the batches of a segment one after the other, whole, in large reads.
class BatchScanner {
 public:
  struct Batch {
    kafka::BatchHeader header;
    uint64_t position = 0;  ///< of its first byte in the file
    base::ByteView bytes;   ///< valid until the next call
  };

  /// Batches between these positions of `file`, which must outlive the scanner.
  BatchScanner(base::File& file, uint64_t position, uint64_t end)
      : file_(file), position_(position), end_(end) {}

  /// The next batch; none at the end. kInvalidData if what stands at position() is no whole
  /// batch. Looks at the CRC only of those with more than kUncheckedBatchBytesMax.
  base::Result<std::optional<Batch>> next();

  /// Where the next batch begins, or what is no batch.
  uint64_t position() const { return position_; }

 private:
  base::Result<base::ByteView> look(size_t bytes);

  base::File& file_;
  uint64_t position_;
  uint64_t end_;
  base::Bytes buffer_;
  uint64_t buffer_position_ = 0;
};

}  // namespace ticklake::broker
