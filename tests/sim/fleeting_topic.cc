#include "fleeting_topic.h"

#include <algorithm>

namespace ticklake::sim {
namespace {

using kafka::ErrorCode;

constexpr const char* kTopic = "fleeting";
constexpr const char* kGroup = "readers of what is fleeting";
constexpr uint64_t kStepsMax = 12;

}  // namespace

bool FleetingTopic::is_refused(std::optional<ErrorCode> error, const char* what,
                               const std::function<void()>& again) {
  if (error == ErrorCode::kNone) return false;
  if (!error || may_go_again(*error)) {
    is_repeated_ = true;
    world_.later(kBackoff, again);
    return true;
  }
  world_.model.violation(std::string(what) + ", in life " + std::to_string(life_) +
                         " of a topic, is told " + std::string(kafka::name_of(*error)));
  is_idle_ = true;
  return true;
}

void FleetingTopic::create() {
  is_idle_ = world_.is_stopping;
  if (is_idle_) return;
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = kTopic;
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  session_.ask(request, 5, [this](const kafka::CreateTopicsResponse* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->topics.at(0).error_code;
    if (is_repeated_ && error == ErrorCode::kTopicAlreadyExists) error = ErrorCode::kNone;
    if (is_refused(error, "who makes it", [this] { create(); })) return;
    is_repeated_ = false;
    ++life_;
    number_ = 0;
    written_.clear();
    acknowledged_.clear();
    last_offset_ = known_offset_ = -1;
    steps_left_ = 1 + world_.random.below(kStepsMax);
    world_.trace("life " + std::to_string(life_) + " of a topic");
    live();
  });
}

void FleetingTopic::live() {
  world_.later(Milliseconds{60}, [this] {
    if (steps_left_ == 0) return look_at_records();
    --steps_left_;
    if (world_.random.below(3) == 0) return commit();
    produce();
  });
}

void FleetingTopic::produce() {
  std::vector<std::string> values;
  for (uint64_t count = 1 + world_.random.below(4); count > 0; --count) {
    values.push_back(std::to_string(life_) + ":" + std::to_string(++number_));
    written_.insert(values.back());
  }
  const base::Bytes batch = batch_of(values, -1, -1, -1, false);
  session_.ask(produce_request(kTopic, 0, batch), 9, [=, this](const auto* response) {
    // What became of it is not known; it is not sent again.
    if (!response) return live();
    const auto& partition = response->responses.at(0).partition_responses.at(0);
    if (may_go_again(partition.error_code)) return live();
    if (is_refused(partition.error_code, "who writes to it", [] {})) return;
    int64_t offset = partition.base_offset;
    for (const std::string& value : values)
      acknowledged_[offset++] = value;
    live();
  });
}

void FleetingTopic::commit() {
  const int64_t offset = ++last_offset_;
  kafka::OffsetCommitRequest request;
  request.group_id = kGroup;
  request.topics.push_back({kTopic, {{0, offset, -1, std::nullopt}}});
  session_.ask(request, 7, [=, this](const kafka::OffsetCommitResponse* response) {
    if (!response) return live();
    const ErrorCode error = response->topics.at(0).partitions.at(0).error_code;
    if (may_go_again(error)) return live();
    if (is_refused(error, "who commits an offset of it", [] {})) return;
    known_offset_ = offset;
    live();
  });
}

void FleetingTopic::look_at_records() {
  kafka::FetchRequest request;
  auto& wanted = request.topics.emplace_back(kafka::FetchRequest::Topic{kTopic, {}});
  wanted.partitions.emplace_back().partition_max_bytes = kRecordsBytesMax;
  session_.ask(request, 11, [this](const kafka::FetchResponse* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->responses.at(0).partitions.at(0).error_code;
    if (is_refused(error, "who reads it", [this] { look_at_records(); })) return;
    take(response->responses.at(0).partitions.at(0).records.decoded());
    look_at_offset();
  });
}

void FleetingTopic::take(base::ByteView records) {
  std::map<int64_t, std::string> there;
  for (base::ByteView rest = records; !rest.empty();) {
    const auto batch = kafka::BatchRecords::read(rest, kRecordsBytesMax);
    if (!batch) return world_.model.violation(base::to_line(batch.error()));
    rest = rest.subspan(batch->header().size());
    for (const kafka::Record& record : batch->records())
      there[record.offset] = std::string(record.value.value_or(""));
  }
  for (const auto& [offset, value] : there) {
    if (!written_.contains(value)) {
      world_.model.violation("life " + std::to_string(life_) + " of a topic has " + value +
                             " of another");
    }
  }
  if (!std::ranges::includes(there, acknowledged_))
    world_.model.violation("life " + std::to_string(life_) + " of a topic has lost records");
}

void FleetingTopic::look_at_offset() {
  kafka::OffsetFetchRequest request;
  request.group_id = kGroup;
  request.topics.emplace().push_back({kTopic, {0}});
  session_.ask(request, 6, [this](const kafka::OffsetFetchResponse* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->error_code;
    if (is_refused(error, "who asks for an offset of it", [this] { look_at_offset(); })) return;
    const int64_t offset = response->topics.at(0).partitions.at(0).committed_offset;
    if (offset < known_offset_ || offset > last_offset_) {
      world_.model.violation("life " + std::to_string(life_) + " of a topic has the offset " +
                             std::to_string(offset) + ", and " + std::to_string(known_offset_) +
                             " was committed");
    }
    is_repeated_ = false;
    erase();
  });
}

void FleetingTopic::erase() {
  kafka::DeleteTopicsRequest request;
  request.topic_names = {kTopic};
  session_.ask(request, 4, [this](const kafka::DeleteTopicsResponse* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->responses.at(0).error_code;
    if (is_repeated_ && error == ErrorCode::kUnknownTopicOrPartition) error = ErrorCode::kNone;
    if (is_refused(error, "who deletes it", [this] { erase(); })) return;
    is_repeated_ = false;
    world_.later(kBackoff, [this] { create(); });
  });
}

}  // namespace ticklake::sim
