#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_error.h"

namespace ticklake::catalog {

enum class UpdateBehavior : uint8_t { kUpdateInDatabase, kLog };
enum class DeleteBehavior : uint8_t { kDeprecateInDatabase, kDeleteFromDatabase, kLog };
enum class RecrawlBehavior : uint8_t { kEverything, kNewFoldersOnly };

/// What a crawler does with what it finds: Glue's policies and its Configuration.
struct CrawlPolicy {
  UpdateBehavior update = UpdateBehavior::kUpdateInDatabase;
  DeleteBehavior deletion = DeleteBehavior::kDeprecateInDatabase;
  RecrawlBehavior recrawl = RecrawlBehavior::kEverything;
  bool merges_new_columns = false;              ///< Tables.AddOrUpdateBehavior MergeNewColumns
  bool inherits_from_table = false;             ///< Partitions.AddOrUpdateBehavior InheritFromTable
  bool combines_compatible = false;             ///< Grouping.TableGroupingPolicy
  std::optional<int64_t> table_level = {};      ///< Grouping.TableLevelConfiguration
  std::optional<int64_t> table_threshold = {};  ///< CrawlerOutput.Tables.TableThreshold
};

/// Adds what a crawler's Configuration, a JSON text, says. InvalidInputException for what it cannot
/// be; what is not known is passed over, as the text may be of a later version.
aws::Answer<void> apply_configuration(std::string_view configuration, CrawlPolicy& policy);

}  // namespace ticklake::catalog
