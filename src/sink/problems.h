#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace ticklake::sink {

/// Something that does not work just now, while everything else goes on.
struct Problem {
  std::string where;  ///< a topic, a partition, a table: "trades/0"
  std::string what;   ///< one line for a person
  base::WallTime since{};
};

/// What does not work just now, one entry a place. Thread-safe.
class Problems {
 public:
  /// Both must outlive this.
  Problems(const base::Clock& clock, base::Logger& log) : clock_(clock), log_(log) {}

  /// `where` has this problem now; `since` is when it first had one. A change is logged.
  void set(const std::string& where, const std::string& what);
  /// As set(), for what is worth a line in the status but none in the log.
  void note(const std::string& where, const std::string& what);
  /// `where` works again, if it did not.
  void clear(const std::string& where);
  /// By `where`.
  std::vector<Problem> list() const;

 private:
  bool put(const std::string& where, const std::string& what);

  const base::Clock& clock_;
  base::Logger& log_;
  mutable std::mutex mutex_;  ///< guards problems_
  std::map<std::string, Problem> problems_;
};

}  // namespace ticklake::sink
