#include "administrator.h"

#include <charconv>

#include "kafka/acl.h"

namespace ticklake::sim {
namespace {

using kafka::ErrorCode;

constexpr uint64_t kNames = 4;        ///< of each kind
constexpr int8_t kTopicResource = 2;  ///< of configs
constexpr int8_t kAny = 1;            ///< in a filter of ACLs
constexpr int8_t kTopicConfigSource = 1;
constexpr int8_t kScramSha256 = 1;
constexpr const char* kUserEntity = "user";
constexpr const char* kQuotaKey = "producer_byte_rate";
constexpr int8_t kAnyEntity = 2;
constexpr int8_t kSet = 0;
constexpr int8_t kDelete = 1;

/// Configs that these clients do not notice.
constexpr std::array<const char*, kNames> kConfigs{"segment.jitter.ms", "file.delete.delay.ms",
                                                   "index.interval.bytes", "flush.messages"};

int32_t number_in(std::string_view text) {
  int32_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string made_name(uint64_t number) { return std::string(kMadePrefix) + std::to_string(number); }

using Things = std::map<std::string, int32_t>;

Things topics_in(const kafka::MetadataResponse& response) {
  Things things;
  for (const auto& topic : response.topics) {
    if (topic.name->starts_with(kMadePrefix))
      things[*topic.name] = static_cast<int32_t>(topic.partitions.size());
  }
  return things;
}

Things acls_in(const kafka::DescribeAclsResponse& response) {
  Things things;
  for (const auto& resource : response.resources) {
    for (const auto& acl : resource.acls)
      things[resource.resource_name] = static_cast<int32_t>(acl.permission_type);
  }
  return things;
}

Things users_in(const kafka::DescribeUserScramCredentialsResponse& response) {
  Things things;
  for (const auto& user : response.results)
    things[user.user] = user.credential_infos.at(0).iterations;
  return things;
}

Things configs_in(const kafka::DescribeConfigsResponse& response) {
  Things things;
  for (const auto& config : response.results.at(0).configs) {
    if (config.config_source == kTopicConfigSource)
      things[config.name] = number_in(config.value.value_or(""));
  }
  return things;
}

Things quotas_in(const kafka::DescribeClientQuotasResponse& response) {
  Things things;
  for (const auto& entry : *response.entries) {
    things[entry.entity.at(0).entity_name.value_or("")] =
        static_cast<int32_t>(entry.values.at(0).value);
  }
  return things;
}

Things offsets_in(const kafka::OffsetFetchResponse& response) {
  Things things;
  for (const auto& group : response.groups) {
    for (const auto& topic : group.topics)
      things[group.group_id] = static_cast<int32_t>(topic.partitions.at(0).committed_offset);
  }
  return things;
}

std::string text_of(const Things& things) {
  std::string text;
  for (const auto& [name, value] : things)
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(value);
  return "{" + text + "}";
}

}  // namespace

void Administrator::run() {
  world_.later(Milliseconds{300}, [this] {
    is_idle_ = world_.is_stopping;
    if (is_idle_) return;
    if (world_.random.below(8) == 0) return check([this] { run(); });
    change();
  });
}

void Administrator::change() {
  Change change;
  change.kind = static_cast<Kind>(world_.random.below(kKinds));
  const uint64_t number = world_.random.below(kNames);
  change.name = change.kind == Kind::kConfig ? kConfigs[number] : made_name(number);
  const Things& things = expected_[static_cast<size_t>(change.kind)];
  const bool is_there = things.contains(change.name);
  switch (change.kind) {
    case Kind::kTopic:
      change.is_more = is_there && world_.random.below(3) == 0;
      if (!is_there || change.is_more)
        change.value = (is_there ? things.at(change.name) : 0) + 1 +
                       static_cast<int32_t>(world_.random.below(3));
      break;
    case Kind::kAcl:
      if (!is_there) change.value = static_cast<int32_t>(2 + world_.random.below(2));
      break;
    case Kind::kUser:
      if (!is_there || world_.random.below(2) == 0)
        change.value = static_cast<int32_t>(4096 + world_.random.below(1000));
      break;
    case Kind::kConfig:
    case Kind::kQuota:
    case Kind::kGroup:
      if (!is_there || world_.random.below(2) == 0)
        change.value = static_cast<int32_t>(5000 + world_.random.below(1000));
  }
  send(change);
}

void Administrator::send(const Change& change) {
  switch (change.kind) {
    case Kind::kTopic: return send_topic(change);
    case Kind::kAcl: return send_acl(change);
    case Kind::kUser: return send_user(change);
    case Kind::kConfig: return send_config(change);
    case Kind::kQuota: return send_quota(change);
    case Kind::kGroup: return send_group(change);
  }
}

template <typename Request, typename ErrorOf>
void Administrator::ask(const Change& change, const Request& request, int16_t version,
                        ErrorOf error_of, ErrorCode if_done_before) {
  session_.ask(request, version, [=, this](const typename Request::Response* response) {
    if (!response) return settle(change, std::nullopt);
    const ErrorCode error = error_of(*response);
    const bool was_done = change.is_repeated && error == if_done_before;
    settle(change, was_done ? ErrorCode::kNone : error);
  });
}

void Administrator::send_topic(const Change& change) {
  if (!change.value) {
    kafka::DeleteTopicsRequest request;
    request.topic_names = {change.name};
    return ask(
        change, request, 4, [](const auto& told) { return told.responses.at(0).error_code; },
        ErrorCode::kUnknownTopicOrPartition);
  }
  if (change.is_more) {
    kafka::CreatePartitionsRequest request;
    request.topics.push_back({change.name, *change.value, std::nullopt});
    // It has as many as that, and not less than that.
    return ask(
        change, request, 2, [](const auto& told) { return told.results.at(0).error_code; },
        ErrorCode::kInvalidPartitions);
  }
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = change.name;
  topic.num_partitions = *change.value;
  topic.replication_factor = 1;
  ask(
      change, request, 5, [](const auto& told) { return told.topics.at(0).error_code; },
      ErrorCode::kTopicAlreadyExists);
}

void Administrator::send_acl(const Change& change) {
  if (!change.value) {
    kafka::DeleteAclsRequest request;
    request.filters.push_back({static_cast<int8_t>(kafka::ResourceType::kTopic), change.name, 3,
                               std::nullopt, std::nullopt, kAny, kAny});
    return ask(change, request, 2,
               [](const auto& told) { return told.filter_results.at(0).error_code; });
  }
  kafka::CreateAclsRequest request;
  request.creations.push_back(
      {static_cast<int8_t>(kafka::ResourceType::kTopic), change.name, 3, "User:somebody", "*",
       static_cast<int8_t>(kafka::AclOperation::kRead), static_cast<int8_t>(*change.value)});
  ask(change, request, 2, [](const auto& told) { return told.results.at(0).error_code; });
}

void Administrator::send_user(const Change& change) {
  kafka::AlterUserScramCredentialsRequest request;
  const base::Bytes bytes(32, std::byte{7});
  if (change.value) {
    request.upsertions.push_back({change.name, kScramSha256, *change.value, bytes, bytes});
  } else {
    request.deletions.push_back({change.name, kScramSha256});
  }
  ask(
      change, request, 0, [](const auto& told) { return told.results.at(0).error_code; },
      change.value ? ErrorCode::kNone : ErrorCode::kResourceNotFound);
}

void Administrator::send_config(const Change& change) {
  kafka::IncrementalAlterConfigsRequest request;
  auto& config = request.resources
                     .emplace_back(kafka::IncrementalAlterConfigsRequest::Resource{
                         kTopicResource, kTxnTopic, {}})
                     .configs.emplace_back();
  config.name = change.name;
  config.config_operation = change.value ? kSet : kDelete;
  if (change.value) config.value = std::to_string(*change.value);
  ask(change, request, 1, [](const auto& told) { return told.responses.at(0).error_code; });
}

void Administrator::send_quota(const Change& change) {
  kafka::AlterClientQuotasRequest request;
  request.entries.push_back(
      {{{kUserEntity, change.name}}, {{kQuotaKey, change.value.value_or(0) * 1.0, !change.value}}});
  ask(change, request, 1, [](const auto& told) { return told.entries.at(0).error_code; });
}

void Administrator::send_group(const Change& change) {
  if (!change.value) {
    kafka::DeleteGroupsRequest request;
    request.groups_names = {change.name};
    return ask(
        change, request, 2, [](const auto& told) { return told.results.at(0).error_code; },
        ErrorCode::kGroupIdNotFound);
  }
  kafka::OffsetCommitRequest request;
  request.group_id = change.name;
  request.topics.push_back({kLogTopic, {{0, *change.value, -1, std::nullopt}}});
  ask(change, request, 7,
      [](const auto& told) { return told.topics.at(0).partitions.at(0).error_code; });
}

void Administrator::settle(Change change, std::optional<ErrorCode> error) {
  if (!error || may_go_again(*error)) {
    change.is_repeated = true;
    return world_.later(kBackoff, [this, change] { send(change); });
  }
  if (*error != ErrorCode::kNone) {
    world_.model.violation((change.value ? "to set " : "to remove ") + change.name +
                           " is refused: " + std::string(kafka::name_of(*error)));
    is_idle_ = true;
    return;
  }
  ++changes_;
  Things& things = expected_[static_cast<size_t>(change.kind)];
  if (change.value) {
    things[change.name] = *change.value;
  } else {
    things.erase(change.name);
  }
  world_.trace(change.name + (change.value ? " is " + std::to_string(*change.value) : " is gone"));
  run();
}

template <typename Request, typename ThingsOf>
void Administrator::ask_what_there_is(const Request& request, int16_t version, ThingsOf things_of,
                                      std::function<void(Things)> found) {
  session_.ask(request, version, [=, this](const typename Request::Response* response) {
    if (response) return found(things_of(*response));
    world_.later(kBackoff, [=, this] { ask_what_there_is(request, version, things_of, found); });
  });
}

void Administrator::look(Kind kind, const std::function<void(Things)>& found) {
  switch (kind) {
    case Kind::kTopic: return ask_what_there_is(kafka::MetadataRequest{}, 9, topics_in, found);
    case Kind::kAcl: {
      kafka::DescribeAclsRequest request;
      request.resource_type_filter = request.pattern_type_filter = kAny;
      request.operation = request.permission_type = kAny;
      return ask_what_there_is(request, 2, acls_in, found);
    }
    case Kind::kUser:
      return ask_what_there_is(kafka::DescribeUserScramCredentialsRequest{}, 0, users_in, found);
    case Kind::kConfig: {
      kafka::DescribeConfigsRequest request;
      request.resources.push_back(
          {kTopicResource, kTxnTopic, std::vector<std::string>(kConfigs.begin(), kConfigs.end())});
      return ask_what_there_is(request, 4, configs_in, found);
    }
    case Kind::kQuota: {
      kafka::DescribeClientQuotasRequest request;
      request.components.push_back({kUserEntity, kAnyEntity, std::nullopt});
      return ask_what_there_is(request, 1, quotas_in, found);
    }
    case Kind::kGroup: {
      kafka::OffsetFetchRequest request;
      for (uint64_t number = 0; number < kNames; ++number)
        request.groups.push_back({made_name(number), std::nullopt, -1, std::nullopt});
      return ask_what_there_is(request, 8, offsets_in, found);
    }
  }
}

void Administrator::check(const std::function<void()>& done) { check_from(0, done); }

void Administrator::check_from(size_t kind, const std::function<void()>& done) {
  if (kind == kKinds) return done();
  look(static_cast<Kind>(kind), [=, this](const Things& things) {
    if (things != expected_[kind]) {
      world_.model.violation("there are " + text_of(things) + ", and should be " +
                             text_of(expected_[kind]));
    }
    check_from(kind + 1, done);
  });
}

}  // namespace ticklake::sim
