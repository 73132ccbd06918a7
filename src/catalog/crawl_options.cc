#include "catalog/crawl_options.h"

#include <nlohmann/json.hpp>

#include "catalog/answers.h"
#include "catalog/json_reader.h"

namespace ticklake::catalog {
namespace {

using nlohmann::json;

/// The object at a path of names; null if there is none.
const json& at(const json& value, std::initializer_list<const char*> names) {
  static const json none = json::object();
  const json* found = &value;
  for (const char* name : names) {
    if (!found->is_object() || !found->contains(name)) return none;
    found = &found->at(name);
  }
  return *found;
}

}  // namespace

aws::Answer<void> apply_configuration(std::string_view configuration, CrawlPolicy& policy) {
  if (configuration.empty()) return {};
  const json parsed = json::parse(configuration, nullptr, false);
  if (!parsed.is_object()) return invalid_input("Configuration is no JSON object.");
  std::string problem;
  JsonReader tables(at(parsed, {"CrawlerOutput", "Tables"}), "CrawlerOutput.Tables", problem);
  JsonReader partitions(at(parsed, {"CrawlerOutput", "Partitions"}), "CrawlerOutput.Partitions",
                        problem);
  JsonReader grouping(at(parsed, {"Grouping"}), "Grouping", problem);
  const std::string table_behavior = tables.text_or_empty("AddOrUpdateBehavior", kAnyText);
  if (!table_behavior.empty() && table_behavior != "MergeNewColumns") {
    tables.fail("AddOrUpdateBehavior", "must be MergeNewColumns");
  }
  const std::string partition_behavior = partitions.text_or_empty("AddOrUpdateBehavior", kAnyText);
  if (!partition_behavior.empty() && partition_behavior != "InheritFromTable") {
    partitions.fail("AddOrUpdateBehavior", "must be InheritFromTable");
  }
  const std::string grouping_policy = grouping.text_or_empty("TableGroupingPolicy", kAnyText);
  if (!grouping_policy.empty() && grouping_policy != "CombineCompatibleSchemas") {
    grouping.fail("TableGroupingPolicy", "must be CombineCompatibleSchemas");
  }
  policy.table_level = grouping.integer("TableLevelConfiguration", 1, 1'000);
  policy.table_threshold = tables.integer("TableThreshold", 1, INT32_MAX);
  if (!problem.empty()) return invalid_input("Configuration: " + problem);
  policy.merges_new_columns = !table_behavior.empty();
  policy.inherits_from_table = !partition_behavior.empty();
  policy.combines_compatible = !grouping_policy.empty();
  return {};
}

}  // namespace ticklake::catalog
