#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "kafka/error_code.h"
#include "kafka/messages/fetch.h"

namespace ticklake::broker {

/// Fetch sessions (KIP-227): the broker remembers which partitions a reader fetches and what it
/// told of them, so that the next request names only what changed and the answer holds only news. A
/// bounded number of them; a reader that gets none goes on with full requests. Belongs to one
/// thread, without I/O.
class FetchSessions {
 public:
  struct Limits {
    size_t sessions_max = 1000;          ///< Kafka's max.incremental.fetch.session.cache.slots
    size_t partitions_max = 100'000;     ///< of all sessions
    std::chrono::seconds idle_min{120};  ///< before a session may make room for another
  };
  /// What a request is part of.
  struct Use {
    kafka::ErrorCode error = kafka::ErrorCode::kNone;  ///< answers the request as a whole
    int32_t session_id = 0;                            ///< 0: no session
    bool is_incremental = false;
  };

  FetchSessions(base::Random random, Limits limits) : random_(random), limits_(limits) {}

  /// Brings the session up to date and lets `request` name all the partitions that it means.
  /// kFetchSessionIdNotFound, kInvalidFetchSessionEpoch, or kFetchSessionTopicIdError if it goes
  /// from names to topic ids or back.
  Use begin(kafka::FetchRequest& request, base::MonotonicTime now);
  /// Makes the answer to all these partitions the answer that is due: with the session's id, and
  /// without what the reader knows already.
  void end(const Use& use, kafka::FetchResponse& response);

  size_t size() const { return sessions_.size(); }

 private:
  using Key = std::tuple<base::Uuid, std::string, int32_t>;
  struct Entry {
    std::string topic;
    base::Uuid topic_id;
    kafka::FetchRequest::Partition wanted;
    // What the reader was told last; -1: nothing, so that whatever comes is news.
    int64_t high_watermark = -1;
    int64_t log_start_offset = -1;
  };
  struct Session {
    int32_t epoch = 1;  ///< that the next request has to have
    bool uses_ids = false;
    base::MonotonicTime used_at{};
    std::list<Entry> entries;  ///< in the order in which they are read: who got records goes last
    std::map<Key, std::list<Entry>::iterator> by_key;
  };

  static Key key_of(const std::string& topic, const base::Uuid& topic_id, int32_t partition);
  static size_t count_of(const kafka::FetchRequest& request);
  void close(int32_t session_id);
  bool make_room(size_t partitions, base::MonotonicTime now);
  int32_t open(const kafka::FetchRequest& request, base::MonotonicTime now);
  void add(Session& session, const kafka::FetchRequest& request);
  void forget(Session& session, const kafka::FetchRequest& request);
  static bool is_news(Entry& entry, const kafka::FetchResponse::Partition& told);

  base::Random random_;
  Limits limits_;
  std::map<int32_t, Session> sessions_;
  size_t partitions_ = 0;  ///< of all sessions
};

}  // namespace ticklake::broker
