#include "broker/log/open_files.h"

#include "broker/log/segment.h"

namespace ticklake::broker {

void OpenFiles::used(Segment& segment) {
  const auto place = places_.find(&segment);
  if (place != places_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, place->second);
    return;
  }
  by_use_.push_front(&segment);
  places_.emplace(&segment, by_use_.begin());
  if (by_use_.size() <= files_max_) return;
  Segment* const last = by_use_.back();
  forget(*last);
  last->close_file();
}

std::shared_ptr<base::File> OpenFiles::lend(std::shared_ptr<base::File> file) {
  if (*lent_ >= kLentMax) return nullptr;
  ++*lent_;
  base::File* const lent_file = file.get();
  return {lent_file, [file = std::move(file), lent = lent_](base::File*) { --*lent; }};
}

void OpenFiles::forget(Segment& segment) {
  const auto place = places_.find(&segment);
  if (place == places_.end()) return;
  by_use_.erase(place->second);
  places_.erase(place);
}

}  // namespace ticklake::broker
