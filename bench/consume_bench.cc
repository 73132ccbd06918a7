// How fast one librdkafka consumer reads a topic from its beginning.
//
// usage: consume_bench HOST:PORT TOPIC COUNT [PARTITIONS]
// Prints one JSON object: messages, bytes of their values, seconds (first message to
// last: how long a client takes to find its partitions is not the broker's).

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/kafka_client.h"

namespace {

namespace bench = ticklake::bench;

constexpr size_t kMessagesPerCall = 10'000;
constexpr int kSilenceMsMax = 30'000;

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    std::fprintf(stderr, "usage: consume_bench HOST:PORT TOPIC COUNT [PARTITIONS]\n");
    return 2;
  }
  const int64_t count = std::atoll(argv[3]);
  const int32_t partitions = argc > 4 ? std::atoi(argv[4]) : 1;
  const bench::Client consumer = bench::make_client(
      RD_KAFKA_CONSUMER, argv[1],
      {{"group.id", "bench"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "100"}});
  const bench::Topic topic = bench::open_topic(consumer, argv[2]);
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(consumer.get());

  const ticklake::base::SystemClock clock;
  for (int32_t partition = 0; partition < partitions; ++partition)
    rd_kafka_consume_start_queue(topic.get(), partition, RD_KAFKA_OFFSET_BEGINNING, queue);
  int64_t messages = 0;
  int64_t untimed = 0;
  int64_t bytes = 0;
  std::optional<ticklake::base::MonotonicTime> start;
  std::vector<rd_kafka_message_t*> batch(kMessagesPerCall);
  while (messages < count) {
    // A call for more than there is would wait for the rest.
    const size_t wanted = std::min(batch.size(), static_cast<size_t>(count - messages));
    const ssize_t got = rd_kafka_consume_batch_queue(queue, kSilenceMsMax, batch.data(), wanted);
    if (got <= 0) bench::fail("no more messages after " + std::to_string(messages));
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* const message = batch[static_cast<size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++messages;
        bytes += static_cast<int64_t>(message->len);
      }
      rd_kafka_message_destroy(message);
    }
    if (!start) {
      start = clock.monotonic_now();
      untimed = messages;
    }
  }
  const std::chrono::duration<double> elapsed = clock.monotonic_now() - *start;
  for (int32_t partition = 0; partition < partitions; ++partition)
    rd_kafka_consume_stop(topic.get(), partition);
  rd_kafka_queue_destroy(queue);

  std::printf("{\"messages\":%lld,\"bytes\":%lld,\"seconds\":%.3f,\"per_second\":%.0f}\n",
              static_cast<long long>(messages), static_cast<long long>(bytes), elapsed.count(),
              static_cast<double>(messages - untimed) / elapsed.count());
  return 0;
}
