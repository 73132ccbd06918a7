#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/schema.h"

namespace ticklake::lake {

/// How the rows of a data file are written.
enum class Encoding : uint8_t { kParquet, kJsonLines };

/// "parquet" or "json": the --format flag, and the ending of a data file's name.
std::string_view encoding_name(Encoding encoding);

/// One data file that a boundary record promises.
struct DataFile {
  std::string key;  ///< in the store, for example trades/dt=2026-11-24/trades-0-0-1000.parquet
  std::string dt;   ///< UTC day of the Kafka timestamps of its rows, "2026-11-24", or kNoDay
  int64_t rows = 0;

  bool operator==(const DataFile&) const = default;
};

/// How the values of a range's records became rows, where that is not just JSON objects as they
/// are.
struct RecordDecoding {
  bool explode = false;   ///< an array of objects is a row for each
  bool registry = false;  ///< by the schemas of a schema registry
  /// Ids of schemas that the registry did not have then, or that were not understood: what was no
  /// row for them is none when files are written again. Ascending, at most kRefusedSchemasMax.
  std::vector<int32_t> refused_schemas = {};

  bool operator==(const RecordDecoding&) const = default;
};

inline constexpr size_t kRefusedSchemasMax = 1'000;

/// Records of a range that could be no rows: its dead letters.
struct Rejected {
  int64_t count = 0;
  int64_t newest_offset = 0;  ///< of the newest one whose reason is known; if count > 0
  std::string newest_reason;

  /// Adds those of a later range.
  void add(const Rejected& later);
};

/// More of a reason is not kept.
inline constexpr size_t kReasonBytesMax = 300;

/// The agreement that offsets [start, end) of one topic partition become exactly these files.
/// Written before the files, never changed. The layout is in docs/formats/lake.md.
struct BoundaryRecord {
  int64_t start = 0;
  int64_t end = 0;
  /// Only in a chain's first record, which starts at 0: what the broker held then began here.
  int64_t log_start = 0;
  Encoding encoding = Encoding::kParquet;
  Schema schema;
  std::vector<DataFile> files;
  /// For those who ask why a table has fewer rows than its topic has records; promises nothing.
  Rejected rejected;
  base::WallTime created;
  RecordDecoding decoding = {};

  /// Whether two sinks that hold these would write the same files.
  bool same_promise(const BoundaryRecord& other) const {
    return start == other.start && end == other.end && encoding == other.encoding &&
           schema == other.schema && files == other.files && decoding == other.decoding;
  }
};

inline constexpr uint64_t kBoundaryBytesMax = 4 << 20;

std::string to_json(const BoundaryRecord& record);

/// The reverse of to_json. kCorrupt, saying what is wrong, for anything that it cannot have
/// written: negative or empty ranges, unknown types, keys that leave the lake, too much of
/// anything.
base::Result<BoundaryRecord> parse_boundary(std::string_view json);

}  // namespace ticklake::lake
