#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ticklake::bench {

/// Brings files to the disk, many at the same time: for a server that leaves that to its user.
class DiskSync {
 public:
  explicit DiskSync(size_t threads);
  DiskSync(const DiskSync&) = delete;
  DiskSync& operator=(const DiskSync&) = delete;
  ~DiskSync();

  /// Readable while done() has something.
  int descriptor() const { return event_; }
  /// Syncs the file and the folder that it is in; `number`: told by done().
  void begin(std::string path, size_t number);
  /// What was brought to the disk since the last call.
  std::vector<size_t> done();

 private:
  void run(const std::stop_token& stop);

  int event_ = -1;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::deque<std::pair<std::string, size_t>> waiting_;
  std::vector<size_t> done_;
  std::vector<std::jthread> threads_;
};

}  // namespace ticklake::bench
