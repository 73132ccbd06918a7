#include "sink/problems.h"

namespace ticklake::sink {

bool Problems::put(const std::string& where, const std::string& what) {
  const std::lock_guard lock(mutex_);
  Problem& problem = problems_[where];
  if (problem.what == what) return false;
  if (problem.what.empty()) problem.since = clock_.wall_now();
  problem.where = where;
  problem.what = what;
  return true;
}

void Problems::set(const std::string& where, const std::string& what) {
  if (put(where, what)) log_.error("{}: {}", where, what);
}

void Problems::note(const std::string& where, const std::string& what) {
  static_cast<void>(put(where, what));
}

void Problems::clear(const std::string& where) {
  const std::lock_guard lock(mutex_);
  if (problems_.erase(where) > 0) log_.info("{}: works again", where);
}

std::vector<Problem> Problems::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Problem> problems;
  for (const auto& [where, problem] : problems_)
    problems.push_back(problem);
  return problems;
}

}  // namespace ticklake::sink
