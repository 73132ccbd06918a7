#pragma once

#include <cstdint>
#include <optional>

#include "base/file_system.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {

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
  /// batch. Does not look at the CRC.
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
