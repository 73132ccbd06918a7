// CreateWorkGroup, UpdateWorkGroup, GetWorkGroup, ListWorkGroups, DeleteWorkGroup,
// ListEngineVersions, ListTagsForResource.
//
// Of a group's configuration count the output location, whether it is enforced, and the state;
// others are kept and given back. Tags are not kept.
#include "aws_api/athena/service.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::athena {
namespace {

namespace executions = query::executions;
using executions::WorkGroup;
using nlohmann::json;

json engine_version() {
  return {{"SelectedEngineVersion", "AUTO"}, {"EffectiveEngineVersion", "Athena engine version 3"}};
}

/// Without its configuration.
json summary_of(const WorkGroup& group) {
  json out{{"Name", group.name},
           {"State", group.is_enabled ? "ENABLED" : "DISABLED"},
           {"Description", group.description},
           {"CreationTime", catalog::to_json(group.created)}};
  return out;
}

json to_json(const WorkGroup& group) {
  json result = json::object();
  if (!group.output_location.empty()) result["OutputLocation"] = group.output_location;
  json configuration{{"ResultConfiguration", std::move(result)},
                     {"EnforceWorkGroupConfiguration", group.enforces_configuration},
                     {"PublishCloudWatchMetricsEnabled", group.publishes_metrics},
                     {"RequesterPaysEnabled", group.requester_pays},
                     {"EngineVersion", engine_version()}};
  if (group.bytes_scanned_cutoff) {
    configuration["BytesScannedCutoffPerQuery"] = *group.bytes_scanned_cutoff;
  }
  json out = summary_of(group);
  out["Configuration"] = std::move(configuration);
  return out;
}

/// Members that WorkGroupConfiguration and its Updates have in common.
void read_flags(catalog::JsonReader& reader, WorkGroup& group) {
  if (const auto enforces = reader.boolean("EnforceWorkGroupConfiguration")) {
    group.enforces_configuration = *enforces;
  }
  if (const auto publishes = reader.boolean("PublishCloudWatchMetricsEnabled")) {
    group.publishes_metrics = *publishes;
  }
  if (const auto pays = reader.boolean("RequesterPaysEnabled")) group.requester_pays = *pays;
  const auto cutoff = reader.integer("BytesScannedCutoffPerQuery", 10'000'000, INT64_MAX);
  if (cutoff) group.bytes_scanned_cutoff = static_cast<uint64_t>(*cutoff);
}

void read_output(catalog::JsonReader& reader, const char* name, WorkGroup& group) {
  const json* result = reader.object(name);
  if (result == nullptr) return;
  catalog::JsonReader inner = reader.child(*result, name);
  if (inner.boolean("RemoveOutputLocation").value_or(false)) group.output_location.clear();
  const std::string location = inner.text_or_empty("OutputLocation", {0, 2048});
  if (location.empty()) return;
  if (!executions::S3Location::parse(location))
    inner.fail("OutputLocation", "must begin with s3://");
  group.output_location = location;
}

tl::unexpected<aws::ServiceError> not_found(const std::string& name) {
  return executions::invalid_request("WorkGroup " + name + " is not found.");
}

}  // namespace

aws::Answer<nlohmann::json> Service::create_work_group(const Call& call, Input& input) {
  WorkGroup group;
  group.name = input.work_group("Name");
  group.description = input.text_or_empty("Description", 1024);
  group.enforces_configuration = true;  // AWS's default, other than primary's
  if (const json* configuration = input.reader().object("Configuration")) {
    catalog::JsonReader reader = input.reader().child(*configuration, "Configuration");
    read_flags(reader, group);
    read_output(reader, "ResultConfiguration", group);
  }
  group.created = executions_.backend().clock.wall_now();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, group.name));
  const auto existing = store().find_group(group.name);
  if (!existing) return tl::unexpected(store_failure(existing.error()));
  if (*existing) return executions::invalid_request("WorkGroup " + group.name + " already exists");
  if (const auto put = store().put(group); !put) return tl::unexpected(store_failure(put.error()));
  return json::object();
}

aws::Answer<nlohmann::json> Service::update_work_group(const Call& call, Input& input) {
  const std::string name = input.work_group();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, name));
  auto found = store().find_group(name);
  if (!found) return tl::unexpected(store_failure(found.error()));
  if (!*found) return not_found(name);
  WorkGroup group = std::move(**found);
  catalog::JsonReader& reader = input.reader();
  if (reader.has("Description")) group.description = input.text_or_empty("Description", 1024);
  if (reader.has("State")) {
    const std::string state = input.text("State", 16);
    if (state != "ENABLED" && state != "DISABLED")
      reader.fail("State", "must be ENABLED, DISABLED");
    group.is_enabled = state == "ENABLED";
  }
  if (const json* updates = reader.object("ConfigurationUpdates")) {
    catalog::JsonReader inner = reader.child(*updates, "ConfigurationUpdates");
    read_flags(inner, group);
    read_output(inner, "ResultConfigurationUpdates", group);
    if (inner.boolean("RemoveBytesScannedCutoffPerQuery").value_or(false)) {
      group.bytes_scanned_cutoff.reset();
    }
  }
  TICKLAKE_TRY(input.check());
  if (const auto put = store().put(group); !put) return tl::unexpected(store_failure(put.error()));
  return json::object();
}

aws::Answer<nlohmann::json> Service::get_work_group(const Call& call, Input& input) {
  const std::string name = input.work_group();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, name));
  const auto found = store().find_group(name);
  if (!found) return tl::unexpected(store_failure(found.error()));
  if (!*found) return not_found(name);
  return json{{"WorkGroup", to_json(**found)}};
}

aws::Answer<nlohmann::json> Service::list_work_groups(const Call& call, Input& input) {
  const size_t max = input.page_size();
  const std::string token = input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize(call, {}));
  const auto all = store().list_groups();
  if (!all) return tl::unexpected(store_failure(all.error()));
  TICKLAKE_ASSIGN(const auto page, slice(*all, max, token));
  json list = json::array();
  for (const WorkGroup& group : page.items) {
    json summary = summary_of(group);
    summary["EngineVersion"] = engine_version();
    list.push_back(std::move(summary));
  }
  json out{{"WorkGroups", std::move(list)}};
  if (!page.next.empty()) out["NextToken"] = page.next;
  return out;
}

aws::Answer<nlohmann::json> Service::delete_work_group(const Call& call, Input& input) {
  const std::string name = input.work_group();
  const bool recursive = input.reader().boolean("RecursiveDeleteOption").value_or(false);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize_group(call, name));
  if (name == executions::kPrimaryWorkGroup) {
    return executions::invalid_request("The primary workgroup cannot be deleted");
  }
  const auto named = store().list_named(name);
  if (!named) return tl::unexpected(store_failure(named.error()));
  if (!recursive && !named->empty()) {
    return executions::invalid_request("WorkGroup " + name + " is not empty");
  }
  for (const std::string& id : *named) {
    if (const auto removed = store().remove_named(id); !removed) {
      return tl::unexpected(store_failure(removed.error()));
    }
  }
  const auto removed = store().remove_group(name);
  if (!removed) return tl::unexpected(store_failure(removed.error()));
  if (!*removed) return not_found(name);
  return json::object();
}

aws::Answer<nlohmann::json> Service::list_engine_versions(const Call& call, Input& input) {
  input.next_token();
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize(call, {}));
  json versions = json::array();
  versions.push_back(engine_version());
  versions.push_back(json{{"SelectedEngineVersion", "Athena engine version 3"},
                          {"EffectiveEngineVersion", "Athena engine version 3"}});
  return json{{"EngineVersions", std::move(versions)}};
}

aws::Answer<nlohmann::json> Service::list_tags_for_resource(const Call& call, Input& input) {
  input.text("ResourceARN", 1011);
  TICKLAKE_TRY(input.check());
  TICKLAKE_TRY(authorize(call, {}));
  return json{{"Tags", json::array()}};
}

}  // namespace ticklake::aws_api::athena
