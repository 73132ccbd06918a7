// CreatePartition, BatchCreatePartition (100), GetPartition, BatchGetPartition (1000),
// GetPartitions (1000 a page), UpdatePartition, BatchUpdatePartition (100), DeletePartition,
// BatchDeletePartition (25).
//
// A batch of which some cannot be is answered with 200 and Errors. GetPartitions' Expression is
// catalog::PartitionExpression; a Segment is one of so many parts that have nothing in common.

#include "aws_api/glue/request.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::glue {
namespace {

using catalog::Catalog;
using nlohmann::json;

constexpr catalog::TextLimits kValueLimits{0, 1'024};
constexpr size_t kCreateMax = 100;
constexpr size_t kUpdateMax = 100;
constexpr size_t kDeleteMax = 25;
constexpr size_t kGetMax = 1'000;
constexpr size_t kPageMax = 1'000;

struct Place {
  std::string database;
  std::string table;
};

aws::Answer<Place> place_of(Request& request) {
  Place place{catalog::folded(request.input().text("DatabaseName", catalog::kNameLimits)),
              catalog::folded(request.input().text("TableName", catalog::kNameLimits))};
  TICKLAKE_TRY(request.checked());
  TICKLAKE_TRY(request.allow_table(place.database, place.table));
  return place;
}

json partition_json(const catalog::Partition& partition, const Place& place,
                    bool without_columns = false) {
  json object = catalog::to_json(partition);
  object["DatabaseName"] = place.database;
  object["TableName"] = place.table;
  object["CatalogId"] = aws::kAccountId;
  if (without_columns && object.contains("StorageDescriptor")) {
    object["StorageDescriptor"].erase("Columns");
  }
  return object;
}

catalog::Partition partition_input(catalog::JsonReader& reader) {
  reader.require("PartitionInput");
  const json* const object = reader.object("PartitionInput");
  if (object == nullptr) return {};
  return catalog::read_partition(reader.child(*object, "PartitionInput"));
}

/// A list of {Values}.
std::vector<Catalog::Values> value_lists(Request& request, const char* name, size_t max) {
  std::vector<Catalog::Values> lists;
  request.input().require(name);
  for (const json* element : request.input().list(name, max)) {
    catalog::JsonReader list = request.input().child(*element, name);
    list.require("Values");
    lists.push_back(list.texts("Values", kValueLimits));
  }
  return lists;
}

/// Batches tell what did not work, and nothing else.
template <typename ValuesOf>
json errors_json(const std::vector<Catalog::Outcome>& outcomes, const char* name,
                 const ValuesOf& values_of) {
  auto errors = json::array();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]) continue;
    errors.push_back({{name, values_of(i)}, {"ErrorDetail", error_detail(*outcomes[i])}});
  }
  return errors.empty() ? json::object() : json{{"Errors", std::move(errors)}};
}

/// Of one only.
aws::Answer<json> only(const std::vector<Catalog::Outcome>& outcomes) {
  if (outcomes.at(0)) return tl::unexpected(*outcomes[0]);
  return json::object();
}

aws::Answer<json> create_partition(Request& request) {
  catalog::Partition partition = partition_input(request.input());
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto outcomes, request.seams().catalog.create_partitions(
                                           place.database, place.table, {std::move(partition)}));
  return only(outcomes);
}

aws::Answer<json> batch_create_partition(Request& request) {
  std::vector<catalog::Partition> partitions;
  request.input().require("PartitionInputList");
  for (const json* element : request.input().list("PartitionInputList", kCreateMax)) {
    partitions.push_back(
        catalog::read_partition(request.input().child(*element, "PartitionInputList")));
  }
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  std::vector<Catalog::Values> values;
  for (const catalog::Partition& partition : partitions)
    values.push_back(partition.values);
  TICKLAKE_ASSIGN(const auto outcomes, request.seams().catalog.create_partitions(
                                           place.database, place.table, std::move(partitions)));
  return errors_json(outcomes, "PartitionValues", [&](size_t i) { return values[i]; });
}

aws::Answer<json> get_partition(Request& request) {
  request.input().require("PartitionValues");
  const Catalog::Values values = request.input().texts("PartitionValues", kValueLimits);
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto found, request.seams().catalog.get_partitions(
                                        place.database, place.table, std::span(&values, 1)));
  if (!found[0]) return catalog::not_found("Cannot find partition.");
  return json{{"Partition", partition_json(*found[0], place)}};
}

aws::Answer<json> batch_get_partition(Request& request) {
  const auto values = value_lists(request, "PartitionsToGet", kGetMax);
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto found,
                  request.seams().catalog.get_partitions(place.database, place.table, values));
  json answer{{"Partitions", json::array()}, {"UnprocessedKeys", json::array()}};
  for (const auto& partition : found) {
    if (partition) answer["Partitions"].push_back(partition_json(*partition, place));
  }
  return answer;
}

aws::Answer<json> get_partitions(Request& request) {
  catalog::JsonReader& input = request.input();
  Catalog::PartitionFilter filter{input.text_or_empty("Expression", {0, 2'048})};
  if (const json* const segment = input.object("Segment")) {
    catalog::JsonReader part = input.child(*segment, "Segment");
    part.require("SegmentNumber");
    part.require("TotalSegments");
    filter.segments = static_cast<size_t>(part.integer("TotalSegments", 1, 10).value_or(1));
    filter.segment = static_cast<size_t>(part.integer("SegmentNumber", 0, 9).value_or(0));
    if (filter.segment >= filter.segments) {
      part.fail("SegmentNumber", "must be less than TotalSegments");
    }
  }
  const bool without_columns = input.boolean("ExcludeColumnSchema").value_or(false);
  const catalog::PageRequest wanted = request.page(kPageMax);
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto page, request.seams().catalog.list_partitions(
                                       place.database, place.table, filter, wanted));
  return listing("Partitions", page, [&](const catalog::Partition& partition) {
    return partition_json(partition, place, without_columns);
  });
}

aws::Answer<json> update_partition(Request& request) {
  request.input().require("PartitionValueList");
  Catalog::PartitionUpdate update{request.input().texts("PartitionValueList", kValueLimits, 100),
                                  partition_input(request.input())};
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  // Who names no values leaves them as they are.
  if (update.partition.values.empty()) update.partition.values = update.values;
  TICKLAKE_ASSIGN(const auto outcomes, request.seams().catalog.update_partitions(
                                           place.database, place.table, {std::move(update)}));
  if (outcomes[0] && outcomes[0]->code == "AlreadyExistsException") {
    return catalog::invalid_input(outcomes[0]->message);  // the other is not declared for it
  }
  return only(outcomes);
}

aws::Answer<json> batch_update_partition(Request& request) {
  catalog::JsonReader& input = request.input();
  std::vector<Catalog::PartitionUpdate> updates;
  std::vector<Catalog::Values> values;
  input.require("Entries");
  const auto entries = input.list("Entries", kUpdateMax);
  if (input.has("Entries") && entries.empty()) input.fail("Entries", "must have an element");
  for (const json* element : entries) {
    catalog::JsonReader entry = input.child(*element, "Entries");
    entry.require("PartitionValueList");
    Catalog::PartitionUpdate& update = updates.emplace_back();
    update.values = entry.texts("PartitionValueList", kValueLimits, 100);
    update.partition = partition_input(entry);
    if (update.partition.values.empty()) update.partition.values = update.values;
    values.push_back(update.values);
  }
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto outcomes, request.seams().catalog.update_partitions(
                                           place.database, place.table, std::move(updates)));
  return errors_json(outcomes, "PartitionValueList", [&](size_t i) { return values[i]; });
}

aws::Answer<json> delete_partition(Request& request) {
  request.input().require("PartitionValues");
  const Catalog::Values values = request.input().texts("PartitionValues", kValueLimits);
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto outcomes, request.seams().catalog.delete_partitions(
                                           place.database, place.table, std::span(&values, 1)));
  return only(outcomes);
}

aws::Answer<json> batch_delete_partition(Request& request) {
  const auto values = value_lists(request, "PartitionsToDelete", kDeleteMax);
  TICKLAKE_ASSIGN(const Place place, place_of(request));
  TICKLAKE_ASSIGN(const auto outcomes,
                  request.seams().catalog.delete_partitions(place.database, place.table, values));
  return errors_json(outcomes, "PartitionValues", [&](size_t i) { return values[i]; });
}

}  // namespace

const std::vector<NamedOperation>& partition_operations() {
  static const std::vector<NamedOperation> operations{
      {"CreatePartition", create_partition},
      {"BatchCreatePartition", batch_create_partition},
      {"GetPartition", get_partition},
      {"BatchGetPartition", batch_get_partition},
      {"GetPartitions", get_partitions},
      {"UpdatePartition", update_partition},
      {"BatchUpdatePartition", batch_update_partition},
      {"DeletePartition", delete_partition},
      {"BatchDeletePartition", batch_delete_partition}};
  return operations;
}

}  // namespace ticklake::aws_api::glue
