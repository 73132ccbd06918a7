#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/file_system.h"

namespace ticklake::broker {

class Segment;

/// Which segments have their log file open though nothing that was written to it waits for the
/// disk: at most so many, the ones that were used last. So that the descriptors of a broker do not
/// grow with the segments that it keeps, nor with the partitions that are silent. One thread, that
/// of those who hand back what was lent too.
class OpenFiles {
 public:
  explicit OpenFiles(size_t files_max) : files_max_(files_max) {}
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

  /// The segment's file was used just now; the one that was not for longest is closed if there are
  /// too many.
  void used(Segment& segment);
  /// The segment is no more, or keeps its file open for now.
  void forget(Segment& segment);

  /// The file, for an answer that keeps it open until it is sent; null if as many answers as may
  /// do so already.
  std::shared_ptr<base::File> lend(std::shared_ptr<base::File> file);

  size_t size() const { return by_use_.size(); }
  size_t lent() const { return *lent_; }

  static constexpr size_t kLentMax = 1024;

 private:
  size_t files_max_;
  std::list<Segment*> by_use_;  ///< the last one used first
  std::unordered_map<Segment*, std::list<Segment*>::iterator> places_;
  std::shared_ptr<size_t> lent_ = std::make_shared<size_t>(0);  ///< answers may outlive this
};

}  // namespace ticklake::broker
