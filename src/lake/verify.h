#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/boundary.h"
#include "lake/layout.h"
#include "lake/object_store.h"
#include "lake/survey.h"

namespace ticklake::lake {

/// What a check of a lake can come upon.
enum class FindingKind : uint8_t {
  kGap,         ///< offsets between two records that no record is about
  kDuplicate,   ///< offsets, or a file, that two records promise
  kMissing,     ///< a promised file does not stand
  kChanged,     ///< a file stands that is not what was promised
  kStray,       ///< a file of a table stands that no record names
  kUnreadable,  ///< a record does not read
  kKnownGap,    ///< a gap record says so: nothing is wrong
  kPending,     ///< the newest record's files are being written: nothing is wrong
};

/// "gap", "duplicate" …, "known-gap", "pending".
std::string_view finding_name(FindingKind kind);
/// Whether the lake is not what its records promise.
bool is_wrong(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kGap;
  ChainId chain = {};  ///< without a topic for a file that belongs to none
  int64_t start = 0;   ///< the offsets concerned, [start, end); 0, 0 if not known
  int64_t end = 0;
  std::string key = {};   ///< of the object concerned; may be empty
  std::string text = {};  ///< the rest of a sentence whose subject is the object or the partition
};

/// "missing trades/dt=2026-11-24/trades-0-0-5.parquet: offsets [0, 5) of trades/0 were …".
std::string to_line(const Finding& finding);

/// A file that stands, and what it has to hold.
struct PromisedFile {
  ChainId chain;
  int64_t start = 0;  ///< all its offsets are in [start, end)
  int64_t end = 0;
  std::string key;
  int64_t rows = 0;
  Encoding encoding = Encoding::kParquet;
  /// The column that tells the rows of one message apart, where arrays became rows; else empty.
  std::string array_index = {};
};

/// What the records of a lake say, and what of that is not so.
struct RecordCheck {
  std::vector<Finding> findings;
  std::vector<PromisedFile> files;  ///< of one record side by side
  uint64_t tables = 0;
  uint64_t partitions = 0;  ///< chains
  uint64_t records = 0;
  int64_t rows = 0;  ///< of `files`
};

/// The newest record's files may be on their way for so long.
inline constexpr std::chrono::minutes kPendingMax{15};

/// Checks every chain of the lake: that its records read, start at 0 and follow on each other, that
/// no offset and no file is promised twice, that each promised file stands, and that no other file
/// stands in a table's folder (names that begin with '_' or '.' are passed over, as engines do).
/// What is in the files is for table::check_files(). Errors are those of the store alone.
base::Result<RecordCheck> check_records(ObjectStore& store, base::WallTime now);

}  // namespace ticklake::lake
