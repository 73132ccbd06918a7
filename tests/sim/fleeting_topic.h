#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "clients.h"

namespace ticklake::sim {

/// Makes a topic, writes to it, commits offsets of it, reads it and deletes it, again and again: in
/// each life of the topic there is what was written in that life, and nothing else.
class FleetingTopic {
 public:
  explicit FleetingTopic(Surroundings& world) : world_(world), session_(world) {}
  void run() { create(); }
  bool is_idle() const { return is_idle_; }

 private:
  void create();
  void live();
  void produce();
  void commit();
  void look_at_records();
  void look_at_offset();
  void erase();
  void take(base::ByteView records);
  /// Whether the answer is an error; then it is tried again, or it breaks a promise.
  bool is_refused(std::optional<kafka::ErrorCode> error, const char* what,
                  const std::function<void()>& again);

  Surroundings& world_;
  Session session_;
  int64_t life_ = 0;
  int64_t number_ = 0;
  uint64_t steps_left_ = 0;
  bool is_repeated_ = false;  ///< an earlier attempt may have made or deleted it
  std::set<std::string> written_;
  std::map<int64_t, std::string> acknowledged_;
  int64_t last_offset_ = -1;   ///< that was committed in this life, or tried
  int64_t known_offset_ = -1;  ///< that was committed for certain
  bool is_idle_ = false;
};

}  // namespace ticklake::sim
