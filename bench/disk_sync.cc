#include "bench/disk_sync.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench/s3_connection.h"

namespace ticklake::bench {
namespace {

void sync(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fsync(file) != 0) fail("cannot sync " + path);
  ::close(file);
}

}  // namespace

DiskSync::DiskSync(size_t threads) : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

DiskSync::~DiskSync() {
  threads_.clear();
  ::close(event_);
}

void DiskSync::begin(std::string path, size_t number) {
  const std::lock_guard lock(mutex_);
  waiting_.emplace_back(std::move(path), number);
  woken_.notify_one();
}

std::vector<size_t> DiskSync::done() {
  uint64_t count = 0;
  // None since the last call is no error.
  static_cast<void>(::read(event_, &count, sizeof count) == sizeof count);
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, {});
}

void DiskSync::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (woken_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    const auto [path, number] = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    sync(path);
    sync(path.substr(0, path.rfind('/')));
    lock.lock();
    done_.push_back(number);
    const uint64_t one = 1;
    if (::write(event_, &one, sizeof one) != sizeof one) fail("cannot tell of a sync");
  }
}

}  // namespace ticklake::bench
