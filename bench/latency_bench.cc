// End-to-end latency at a given rate: from the moment a message was due to be produced, whether or
// not the producer was late (so that a stall counts for all that it held up), to its consumption.
//
// usage: latency_bench HOST:PORT TOPIC PER_SECOND COUNT MESSAGE_BYTES ACKS LINGER_MS
// Producer and consumer are one process with one clock; the first second is not counted, or the
// first half if that is less. Prints one JSON object: messages, how fast they came, and p50, p99,
// p99_9 and max in microseconds. A rate out of reach shows how fast messages can come.

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "bench/kafka_client.h"

namespace {

namespace bench = ticklake::bench;
using ticklake::base::SystemClock;

constexpr int kSilenceMsMax = 120'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t now_ns() {
  return std::chrono::nanoseconds(SystemClock().monotonic_now().time_since_epoch()).count();
}

struct Load {
  int64_t per_second;
  int64_t count;
  int64_t warm_up;  // of them
  size_t message_bytes;
};

/// Each message starts with the moment at which it was due.
void produce(const bench::Client& producer, const bench::Topic& topic, const Load& load) {
  std::string message = bench::make_messages(load.message_bytes, 1).front();
  std::mutex mutex;  // nobody else takes it: only time ends the wait
  std::unique_lock lock(mutex);
  std::condition_variable pause;
  const int64_t start_ns = now_ns();
  for (int64_t sent = 0; sent < load.count;) {
    const int64_t due_ns = start_ns + sent * kNsPerSecond / load.per_second;
    while (due_ns > now_ns()) {
      rd_kafka_poll(producer.get(), 0);
      pause.wait_until(lock,
                       SystemClock().monotonic_now() + std::chrono::nanoseconds(due_ns - now_ns()));
    }
    std::memcpy(message.data(), &due_ns, sizeof due_ns);
    if (rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, message.data(), message.size(),
                         nullptr, 0, nullptr) == 0) {
      ++sent;
    } else {
      rd_kafka_poll(producer.get(), 1);  // the queue is full
    }
  }
  rd_kafka_flush(producer.get(), kSilenceMsMax);
}

struct Arrivals {
  std::vector<int64_t> latencies_ns;
  double per_second = 0;  // how fast they came
};

Arrivals consume(rd_kafka_queue_t* queue, const Load& load) {
  Arrivals arrivals;
  arrivals.latencies_ns.reserve(static_cast<size_t>(load.count));
  int64_t first_ns = 0;
  for (int64_t seen = 0; seen < load.count;) {
    // One by one: a call for many waits until it has them all, or its time is over.
    rd_kafka_message_t* const message = rd_kafka_consume_queue(queue, kSilenceMsMax);
    const int64_t arrived_ns = now_ns();
    if (!message) bench::fail("no more messages after " + std::to_string(seen));
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      int64_t due_ns = 0;
      std::memcpy(&due_ns, message->payload, sizeof due_ns);
      if (seen++ == 0) first_ns = arrived_ns;
      if (seen > load.warm_up) arrivals.latencies_ns.push_back(arrived_ns - due_ns);
      if (seen == load.count)
        arrivals.per_second = static_cast<double>(load.count) * static_cast<double>(kNsPerSecond) /
                              static_cast<double>(arrived_ns - first_ns);
    }
    rd_kafka_message_destroy(message);
  }
  return arrivals;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(
        stderr,
        "usage: latency_bench HOST:PORT TOPIC PER_SECOND COUNT MESSAGE_BYTES ACKS LINGER_MS\n");
    return 2;
  }
  const int64_t per_second = std::atoll(argv[3]);
  const int64_t count = std::atoll(argv[4]);
  const Load load{per_second, count, std::min(per_second, count / 2),
                  std::max<size_t>(sizeof(int64_t), std::strtoull(argv[5], nullptr, 10))};
  const bench::Client producer = bench::make_client(
      RD_KAFKA_PRODUCER, argv[1],
      {{"acks", argv[6]}, {"linger.ms", argv[7]}, {"queue.buffering.max.messages", "1000000"}});
  const bench::Client consumer = bench::make_client(
      RD_KAFKA_CONSUMER, argv[1],
      {{"group.id", "bench"},
       {"enable.auto.commit", "false"},
       {"fetch.wait.max.ms", "100"},
       // With its queue full the client stops fetching for a second: not what is measured.
       {"queued.min.messages", "10000000"},
       {"queued.max.messages.kbytes", "2097151"}});
  const bench::Topic written = bench::open_topic(producer, argv[2]);
  const bench::Topic read = bench::open_topic(consumer, argv[2]);
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(consumer.get());
  rd_kafka_consume_start_queue(read.get(), 0, RD_KAFKA_OFFSET_BEGINNING, queue);

  Arrivals arrivals;
  std::thread reader([&] { arrivals = consume(queue, load); });
  produce(producer, written, load);
  reader.join();
  rd_kafka_consume_stop(read.get(), 0);
  rd_kafka_queue_destroy(queue);

  std::vector<int64_t>& latencies_ns = arrivals.latencies_ns;
  if (latencies_ns.empty()) bench::fail("COUNT must be more than 0");
  std::sort(latencies_ns.begin(), latencies_ns.end());
  const auto quantile_us = [&latencies_ns](double share) {
    const auto last = static_cast<double>(latencies_ns.size() - 1);
    return static_cast<double>(latencies_ns[static_cast<size_t>(share * last)]) / 1000;
  };
  std::printf(
      "{\"messages\":%zu,\"per_second\":%.0f,\"p50\":%.0f,\"p99\":%.0f,\"p99_9\":%.0f,"
      "\"max\":%.0f}\n",
      latencies_ns.size(), arrivals.per_second, quantile_us(0.5), quantile_us(0.99),
      quantile_us(0.999), quantile_us(1));
  return 0;
}
