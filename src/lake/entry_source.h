#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lake/bucket_object.h"

namespace ticklake::lake {

/// Objects in the order of their keys' bytes: of an index, of a folder, of both.
class EntrySource {
 public:
  virtual ~EntrySource() = default;
  /// next() gives the first key that is not less than `from`. Called before anything else.
  virtual base::Result<void> seek(std::string_view from) = 0;
  /// None at the end.
  virtual base::Result<std::optional<ObjectEntry>> next() = 0;
};

/// The least text that is greater than all that begin with `prefix`; none if there is none.
std::optional<std::string> end_of_prefix(std::string_view prefix);

/// One page of a listing, as S3 makes it.
base::Result<Listing> list_entries(EntrySource& source, const ListRequest& request);

/// Two sources as one; of a key that both have, the first one's entry is given.
class MergedEntries final : public EntrySource {
 public:
  MergedEntries(EntrySource& first, EntrySource& second) : first_(first), second_(second) {}
  base::Result<void> seek(std::string_view from) override;
  base::Result<std::optional<ObjectEntry>> next() override;

 private:
  EntrySource& first_;
  EntrySource& second_;
  std::optional<ObjectEntry> first_next_;
  std::optional<ObjectEntry> second_next_;
};

}  // namespace ticklake::lake
