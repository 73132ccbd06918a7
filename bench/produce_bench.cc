// How fast one librdkafka producer gets rid of messages, into a broker or into librdkafka's own
// in-process mock cluster, which stores nothing: the same client, settings and machine.
//
// usage: produce_bench mock|HOST:PORT TOPIC COUNT MESSAGE_BYTES ACKS [PARTITIONS [CODEC]]
// Messages go to the partitions in turn, as those of many keys do.
// Prints one JSON object: messages, seconds (first call to last acknowledgement) and their ratio.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/kafka_client.h"

namespace {

namespace bench = ticklake::bench;

constexpr size_t kDistinctMessages = 1024;

struct Counts {
  int64_t acknowledged = 0;
  int64_t failed = 0;
};

void count_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& counts = *static_cast<Counts*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? counts.acknowledged : counts.failed);
}

void produce(const bench::Client& producer, const bench::Topic& topic, int64_t count,
             int32_t partitions, const std::vector<std::string>& messages) {
  for (int64_t sent = 0; sent < count;) {
    const std::string& message = messages[static_cast<size_t>(sent) % kDistinctMessages];
    if (rd_kafka_produce(topic.get(), static_cast<int32_t>(sent % partitions), RD_KAFKA_MSG_F_COPY,
                         const_cast<char*>(message.data()), message.size(), nullptr, 0,
                         nullptr) == 0) {
      ++sent;
    } else {
      rd_kafka_poll(producer.get(), 10);  // the queue is full
    }
    if (sent % 1024 == 0) rd_kafka_poll(producer.get(), 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || argc > 8) {
    std::fprintf(stderr,
                 "usage: produce_bench mock|HOST:PORT TOPIC COUNT MESSAGE_BYTES ACKS "
                 "[PARTITIONS [CODEC]]\n");
    return 2;
  }
  const int64_t count = std::atoll(argv[3]);
  const auto messages =
      bench::make_messages(std::strtoull(argv[4], nullptr, 10), kDistinctMessages);
  const int32_t partitions = argc > 6 ? std::atoi(argv[6]) : 1;
  Counts counts;
  const bench::Client producer =
      bench::make_client(RD_KAFKA_PRODUCER, argv[1],
                         {{"acks", argv[5]},
                          {"linger.ms", "5"},
                          {"queue.buffering.max.messages", "1000000"},
                          {"compression.codec", argc > 7 ? argv[7] : "none"}},
                         count_delivery, &counts);
  const bench::Topic topic = bench::open_topic(producer, argv[2]);

  // The connection and the topic stand before the clock starts.
  produce(producer, topic, 1000, partitions, messages);
  rd_kafka_flush(producer.get(), 30'000);
  const Counts warm_up = counts;

  const ticklake::base::SystemClock clock;
  const auto start = clock.monotonic_now();
  produce(producer, topic, count, partitions, messages);
  rd_kafka_flush(producer.get(), 120'000);
  const std::chrono::duration<double> elapsed = clock.monotonic_now() - start;
  const int64_t acknowledged = counts.acknowledged - warm_up.acknowledged;

  std::printf("{\"messages\":%lld,\"failed\":%lld,\"seconds\":%.3f,\"per_second\":%.0f}\n",
              static_cast<long long>(acknowledged), static_cast<long long>(counts.failed),
              elapsed.count(), static_cast<double>(acknowledged) / elapsed.count());
  return acknowledged == count ? 0 : 1;
}
