#pragma once

#include "clients.h"

namespace ticklake::sim {

/// Writes values of a few keys, and tombstones; idempotent, so that each is there once.
class KeyedClient {
 public:
  explicit KeyedClient(Surroundings& world) : world_(world), session_(world) {}
  void run();
  bool is_idle() const { return is_idle_; }

 private:
  void next();
  void send();
  void later(std::function<void()> task);

  Surroundings& world_;
  Session session_;
  int64_t producer_id_ = -1;
  int16_t epoch_ = -1;
  int64_t number_ = 0;
  int32_t sequences_[kPartitions] = {};
  int32_t partition_ = 0;
  std::vector<std::string> values_;
  base::Bytes batch_;
  bool is_idle_ = false;
};

}  // namespace ticklake::sim
