// ThreadSanitizer knows POSIX threads only; one that C11's thrd_create() started crashes it, and
// librdkafka starts its threads so. Here they become POSIX ones, in every program of that build.

#include <cstdint>

#include <pthread.h>
#include <threads.h>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const Start start = *static_cast<Start*>(raw);
  delete static_cast<Start*>(raw);
  return reinterpret_cast<void*>(static_cast<intptr_t>(start.function(start.argument)));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int thrd_create(thrd_t* thread,
                                                                  thrd_start_t function,
                                                                  void* argument) {
  auto* const start = new Start{function, argument};
  if (pthread_create(thread, nullptr, &run, start) == 0) return thrd_success;
  delete start;
  return thrd_error;
}

extern "C" __attribute__((visibility("default"))) int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  if (pthread_join(thread, &value) != 0) return thrd_error;
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(value));
  return thrd_success;
}
