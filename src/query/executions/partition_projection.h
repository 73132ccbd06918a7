#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/executions/projection_value.h"
#include "query/executions/s3_location.h"
#include "query/executions/table_files.h"

namespace ticklake::query::executions {

/// The partitions of a table whose properties say which there are (`projection.enabled` = `true`),
/// so that the catalog is not asked for them. Source: Athena's guide, "Partition projection".
///
/// Athena makes every location that the properties allow and lists it; here the table's objects are
/// listed once and taken if their place is one of those. The rows are the same. `injected` keys
/// need no condition here.
class PartitionProjection {
 public:
  /// None if the table has no such properties. INVALID_TABLE_PROPERTY if they make no sense.
  static athena::Result<std::optional<PartitionProjection>> of(const catalog::Table& table,
                                                               base::WallTime now);

  /// Below which all partitions are.
  const S3Location& root() const { return root_; }
  struct Place {
    std::vector<std::string> values;  ///< of the partition keys, in their order
    std::string folder;               ///< key of the partition's location; ends in '/'
  };
  /// The partition that an object is of; none if it is of none.
  std::optional<Place> place_of(std::string_view key) const;

 private:
  /// A piece of the locations: a text, or a partition key's value.
  struct Piece {
    std::string text;
    std::optional<size_t> key;
  };
  struct Match {
    std::vector<std::string> values;
    std::string_view below = {};                     ///< what follows the partition's location
    std::set<std::pair<size_t, size_t>> tried = {};  ///< pieces, and how much of the key was left
  };
  bool match(size_t piece, std::string_view rest, Match& found) const;

  std::vector<ProjectedKey> keys_;
  std::vector<Piece> pieces_;  ///< of the key in S3; the last one ends in '/'
  S3Location root_;
};

/// As files_of(), by projection: a set for each partition that has objects.
athena::Result<std::vector<FileSet>> projected_files_of(lake::BucketStore& store,
                                                        const catalog::Table& table,
                                                        const PartitionProjection& projection,
                                                        const CallerRights& rights);

}  // namespace ticklake::query::executions
