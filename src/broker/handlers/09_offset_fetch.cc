// OffsetFetch 1 to 9. A group that nobody knows has no offsets and no error, as in Kafka. Who asks
// for stable offsets (version 7) is told to wait for those that an open transaction may change.
// Member id and epoch (version 9) are checked in groups of KIP-848. Needs Describe on each group
// and each topic; where all offsets are asked for, those of other topics are left out.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/handlers/distinct.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/offset_fetch.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::ErrorCode;
using Request = kafka::OffsetFetchRequest;
using Response = kafka::OffsetFetchResponse;

constexpr int16_t kGroupsFrom = 8;
/// Until then an error of the group stands at each of its partitions.
constexpr int16_t kGroupErrorFrom = 2;

/// Each offset may have metadata of some KiB, and is asked for by four bytes.
void drop_repeated(std::optional<std::vector<Request::Topic>>& topics) {
  if (!topics) return;
  broker::drop_repeated(*topics, [](const auto& topic) { return topic.name; });
  for (auto& topic : *topics)
    broker::drop_repeated(topic.partition_indexes, std::identity());
}

std::vector<Response::Topic> with_error(const std::vector<Request::Topic>& asked, ErrorCode error) {
  std::vector<Response::Topic> topics;
  for (const Request::Topic& topic : asked) {
    Response::Topic& answers = topics.emplace_back();
    answers.name = topic.name;
    for (const int32_t index : topic.partition_indexes) {
      Response::Partition& partition = answers.partitions.emplace_back();
      partition.partition_index = index;
      partition.committed_offset = -1;
      partition.metadata = "";
      partition.error_code = error;
    }
  }
  return topics;
}

/// Moves the topics that may not be described out of those that are asked for.
std::vector<Response::Topic> take_refused_out(const Access& access,
                                              std::optional<std::vector<Request::Topic>>& asked) {
  std::vector<Request::Topic> refused;
  if (!asked) return {};
  std::erase_if(*asked, [&](Request::Topic& topic) {
    if (access.allows_topic(AclOperation::kDescribe, topic.name)) return false;
    refused.push_back(std::move(topic));
    return true;
  });
  return with_error(refused, ErrorCode::kTopicAuthorizationFailed);
}

/// What the coordinator told, and what it was not asked.
void put_together(const Access& access, bool is_all, std::vector<Response::Topic>& told,
                  std::vector<Response::Topic> refused) {
  if (is_all) {
    std::erase_if(told, [&](const Response::Topic& topic) {
      return !access.allows_topic(AclOperation::kDescribe, topic.name, Access::Denial::kIsSilent);
    });
  }
  std::ranges::move(refused, std::back_inserter(told));
}

Response fetch_one(Broker& broker, const Access& access, Request& request, int16_t version) {
  if (!access.allows_group(AclOperation::kDescribe, request.group_id)) {
    Response response;
    response.error_code = ErrorCode::kGroupAuthorizationFailed;
    if (version < kGroupErrorFrom && request.topics) {
      response.topics = with_error(*request.topics, ErrorCode::kGroupAuthorizationFailed);
    }
    return response;
  }
  const bool is_all = !request.topics;
  auto refused = take_refused_out(access, request.topics);
  Response response = broker.groups().fetch(request, version);
  put_together(access, is_all, response.topics, std::move(refused));
  return response;
}

Response fetch_many(Broker& broker, const Access& access, Request& request, int16_t version) {
  Response response;
  for (Request::Group& asked : request.groups) {
    if (!access.allows_group(AclOperation::kDescribe, asked.group_id)) {
      Response::Group& refused = response.groups.emplace_back();
      refused.group_id = asked.group_id;
      refused.error_code = ErrorCode::kGroupAuthorizationFailed;
      continue;
    }
    const bool is_all = !asked.topics;
    auto refused = take_refused_out(access, asked.topics);
    Request one;
    one.groups.push_back(std::move(asked));
    one.require_stable = request.require_stable;
    Response::Group group = std::move(broker.groups().fetch(one, version).groups.at(0));
    if (group.error_code == ErrorCode::kNone) {
      put_together(access, is_all, group.topics, std::move(refused));
    }
    response.groups.push_back(std::move(group));
  }
  return response;
}

}  // namespace

void handle_offset_fetch(Broker& broker, RequestContext context) {
  auto request = decode_or_close<Request>(broker, context);
  if (!request) return;
  drop_repeated(request->topics);
  drop_repeated(request->groups, [](const auto& group) { return group.group_id; });
  for (auto& group : request->groups)
    drop_repeated(group.topics);
  const int16_t version = context.header.api_version;
  context.reply.send(version < kGroupsFrom ? fetch_one(broker, context.access, *request, version)
                                           : fetch_many(broker, context.access, *request, version));
}

}  // namespace ticklake::broker
