#include "cli/interruption.h"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>

#include <pthread.h>
#include <unistd.h>

namespace ticklake::cli {
namespace {

constexpr timespec kPollInterval{0, 50'000'000};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interruption::Interruption(const char* message) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed socket or pipe is an error of that write, no more
  listener_ = std::jthread([this, signals, message](std::stop_token ended) {
    while (!ended.stop_requested()) {
      if (sigtimedwait(&signals, nullptr, &kPollInterval) < 0) continue;
      if (source_.stop_requested()) ::_exit(kExitInterrupted);
      std::fprintf(stderr, "%s\n", message);
      source_.request_stop();
    }
  });
}

Interruption::~Interruption() = default;

void Interruption::wait() const {
  while (!wait_for(std::chrono::hours(1))) {
  }
}

bool Interruption::wait_for(std::chrono::nanoseconds duration) const {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, source_.get_token(), duration, [] { return false; });
  return source_.stop_requested();
}

}  // namespace ticklake::cli
