#include "broker/fetch_sessions.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using kafka::FetchRequest;
using kafka::FetchResponse;

constexpr int32_t kOpen = 0;    // the epoch of a full request that asks for a session
constexpr int32_t kClose = -1;  // of a full one that wants none

int32_t after(int32_t epoch) {
  return epoch == std::numeric_limits<int32_t>::max() ? 1 : epoch + 1;
}

bool uses_ids(const FetchRequest& request) {
  const auto has_id = [](const auto& topic) { return !topic.topic_id.is_zero(); };
  return std::ranges::any_of(request.topics, has_id) ||
         std::ranges::any_of(request.forgotten_topics_data, has_id);
}

}  // namespace

FetchSessions::Key FetchSessions::key_of(const std::string& topic, const base::Uuid& topic_id,
                                         int32_t partition) {
  return {topic_id, topic_id.is_zero() ? topic : std::string(), partition};
}

size_t FetchSessions::count_of(const FetchRequest& request) {
  size_t count = 0;
  for (const auto& topic : request.topics)
    count += topic.partitions.size();
  return count;
}

void FetchSessions::close(int32_t session_id) {
  const auto found = sessions_.find(session_id);
  if (found == sessions_.end()) return;
  partitions_ -= found->second.entries.size();
  sessions_.erase(found);
}

bool FetchSessions::make_room(size_t partitions, base::MonotonicTime now) {
  while (sessions_.size() >= limits_.sessions_max ||
         partitions_ + partitions > limits_.partitions_max) {
    const auto oldest = std::ranges::min_element(
        sessions_, {}, [](const auto& entry) { return entry.second.used_at; });
    if (oldest == sessions_.end() || oldest->second.used_at + limits_.idle_min > now) return false;
    close(oldest->first);
  }
  return true;
}

void FetchSessions::add(Session& session, const FetchRequest& request) {
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const auto [place, is_new] =
          session.by_key.try_emplace(key_of(topic.topic, topic.topic_id, partition.partition));
      if (is_new) {
        place->second = session.entries.insert(session.entries.end(),
                                               {topic.topic, topic.topic_id, {}, -1, -1});
        ++partitions_;
      }
      place->second->topic = topic.topic;
      place->second->wanted = partition;
    }
  }
}

void FetchSessions::forget(Session& session, const FetchRequest& request) {
  for (const auto& topic : request.forgotten_topics_data) {
    for (const int32_t partition : topic.partitions) {
      const auto found = session.by_key.find(key_of(topic.topic, topic.topic_id, partition));
      if (found == session.by_key.end()) continue;
      session.entries.erase(found->second);
      session.by_key.erase(found);
      --partitions_;
    }
  }
}

int32_t FetchSessions::open(const FetchRequest& request, base::MonotonicTime now) {
  if (!make_room(count_of(request), now)) return 0;
  int32_t session_id = 0;
  // Not one that another broker, or this one before its restart, may have given.
  while (session_id == 0 || sessions_.contains(session_id)) {
    session_id = static_cast<int32_t>(random_.below(std::numeric_limits<int32_t>::max()));
  }
  Session& session = sessions_[session_id];
  session.uses_ids = uses_ids(request);
  session.used_at = now;
  add(session, request);
  return session_id;
}

FetchSessions::Use FetchSessions::begin(FetchRequest& request, base::MonotonicTime now) {
  if (request.session_epoch == kOpen || request.session_epoch == kClose) {
    close(request.session_id);
    if (request.session_epoch == kClose) return {};
    return {ErrorCode::kNone, open(request, now), false};
  }
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) return {ErrorCode::kFetchSessionIdNotFound, 0, false};
  Session& session = found->second;
  if (session.epoch != request.session_epoch) {
    return {ErrorCode::kInvalidFetchSessionEpoch, 0, false};
  }
  const bool names_any = !request.topics.empty() || !request.forgotten_topics_data.empty();
  if (names_any && uses_ids(request) != session.uses_ids && !session.entries.empty()) {
    return {ErrorCode::kFetchSessionTopicIdError, 0, false};
  }
  if (partitions_ + count_of(request) > limits_.partitions_max) {
    // It has grown too large: the reader begins again, and gets none.
    close(request.session_id);
    return {ErrorCode::kFetchSessionIdNotFound, 0, false};
  }
  session.used_at = now;
  session.epoch = after(session.epoch);
  add(session, request);
  forget(session, request);
  request.topics.clear();
  if (session.entries.empty()) {
    close(request.session_id);
    return {};
  }
  for (const Entry& entry : session.entries) {
    const bool is_next = request.topics.empty() || request.topics.back().topic != entry.topic ||
                         request.topics.back().topic_id != entry.topic_id;
    if (is_next) request.topics.push_back({entry.topic, {}, entry.topic_id});
    request.topics.back().partitions.push_back(entry.wanted);
  }
  return {ErrorCode::kNone, request.session_id, true};
}

bool FetchSessions::is_news(Entry& entry, const FetchResponse::Partition& told) {
  const bool has_error = told.error_code != ErrorCode::kNone;
  const bool is_new = has_error || told.records.size() > 0 ||
                      told.high_watermark != entry.high_watermark ||
                      told.log_start_offset != entry.log_start_offset;
  // After an error, that there is none any more is news.
  entry.high_watermark = has_error ? -1 : told.high_watermark;
  entry.log_start_offset = told.log_start_offset;
  return is_new;
}

void FetchSessions::end(const Use& use, FetchResponse& response) {
  response.session_id = use.session_id;
  const auto found = sessions_.find(use.session_id);
  // It made room for another while the request waited: the answer stays whole.
  if (found == sessions_.end()) return;
  Session& session = found->second;
  for (auto& topic : response.responses) {
    std::erase_if(topic.partitions, [&](const FetchResponse::Partition& told) {
      const auto entry =
          session.by_key.find(key_of(topic.topic, topic.topic_id, told.partition_index));
      if (entry == session.by_key.end()) return false;
      const bool is_new = is_news(*entry->second, told);
      if (told.records.size() > 0) {
        session.entries.splice(session.entries.end(), session.entries, entry->second);
      }
      return use.is_incremental && !is_new;
    });
  }
  std::erase_if(response.responses, [&](const FetchResponse::Topic& topic) {
    return use.is_incremental && topic.partitions.empty();
  });
}

}  // namespace ticklake::broker
