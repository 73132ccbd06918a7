#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/checksum.h"
#include "base/clock.h"
#include "base/file_system.h"

namespace ticklake::lake {

/// What a client says of an object, beside its bytes.
struct ObjectMetadata {
  std::string content_type = {};  ///< empty: not said
  /// Header fields to be given back, names in lower case: `cache-control`, `x-amz-meta-…`. Values
  /// have no line ends.
  std::vector<std::pair<std::string, std::string>> fields = {};

  bool operator==(const ObjectMetadata&) const = default;
};

/// A checksum besides the ETag.
struct ObjectChecksum {
  aws::ChecksumAlgorithm algorithm = aws::ChecksumAlgorithm::kCrc32;
  std::string base64;         ///< of a composite one without its `-parts`
  bool is_composite = false;  ///< the checksum of the parts' checksums, not of the bytes

  bool operator==(const ObjectChecksum&) const = default;
};

/// Whether a key is at a path that says it, or at one that encodes it.
enum class ObjectPlace : uint8_t { kPlain, kEncoded };

/// An object as a listing shows it.
struct ObjectEntry {
  std::string key;
  uint64_t bytes = 0;
  std::string etag;  ///< without quotes; of what the store did not write itself, no MD5
  base::WallTime modified{};
  ObjectPlace place = ObjectPlace::kPlain;
};

/// All that is known of an object but its bytes.
struct ObjectHead : ObjectEntry {
  ObjectMetadata metadata;
  std::optional<ObjectChecksum> checksum = {};
  std::vector<uint64_t> part_bytes = {};  ///< of a multipart upload, in order; else empty
};

/// An object that is read: what `file` gives does not change, whatever happens to the key.
struct OpenObject {
  ObjectHead head;
  std::shared_ptr<base::File> file;
};

/// What must hold of the object that stands at a key for a write to happen.
struct WriteCondition {
  bool if_absent = false;                        ///< If-None-Match: *
  std::optional<std::string> if_match = {};      ///< an ETag without quotes, or "*"
  std::optional<std::string> if_not_match = {};  ///< an ETag without quotes
};

struct ListRequest {
  std::string prefix = {};
  std::string delimiter = {};  ///< empty: no common prefixes
  /// Keys before it are left out: empty, a Listing's `next`, or key_after().
  std::string from = {};
  size_t entries_max = 1000;  ///< objects and common prefixes together
};

struct Listing {
  std::vector<ObjectEntry> objects;
  std::vector<std::string> common_prefixes;
  /// Where the next page begins; none at the end. Not always a key, nor UTF-8.
  std::optional<std::string> next;
};

/// The least key that is greater.
inline std::string key_after(std::string_view key) { return std::string(key) + '\0'; }

struct Bucket {
  std::string name;
  base::WallTime created{};
  base::Path folder;  ///< on this machine
  bool is_lake = false;
};

struct MultipartUpload {
  std::string id;
  std::string key;
  base::WallTime initiated{};
  ObjectMetadata metadata = {};
  std::optional<aws::ChecksumAlgorithm> checksum_algorithm = {};
  bool is_checksum_composite = true;
};

struct UploadedPart {
  int number = 0;  ///< 1 to 10,000
  uint64_t bytes = 0;
  std::string etag;  ///< without quotes
  base::WallTime modified{};
  std::optional<ObjectChecksum> checksum = {};
};

/// A part that CompleteMultipartUpload names.
struct ChosenPart {
  int number = 0;
  std::string etag;  ///< without quotes
};

}  // namespace ticklake::lake
