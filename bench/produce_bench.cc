// How fast one librdkafka producer gets rid of messages, into a broker or into librdkafka's own
// in-process mock cluster, which stores nothing: the same client, settings and machine.
//
// usage: produce_bench mock|HOST:PORT TOPIC COUNT MESSAGE_BYTES ACKS
// Prints one JSON object: messages, seconds (first call to last acknowledgement) and their ratio.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <librdkafka/rdkafka.h>

#include "base/clock.h"

namespace {

struct Counts {
  int64_t acknowledged = 0;
  int64_t failed = 0;
};

void count_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& counts = *static_cast<Counts*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? counts.acknowledged : counts.failed);
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char why[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
    std::fprintf(stderr, "error: %s=%s: %s\n", name, value.c_str(), why);
    std::exit(2);
  }
}

rd_kafka_t* make_producer(const std::string& target, const std::string& acks, Counts& counts) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (target == "mock") {
    set(conf, "test.mock.num.brokers", "1");
  } else {
    set(conf, "bootstrap.servers", target);
  }
  set(conf, "acks", acks);
  set(conf, "linger.ms", "5");
  set(conf, "queue.buffering.max.messages", "1000000");
  rd_kafka_conf_set_dr_msg_cb(conf, count_delivery);
  rd_kafka_conf_set_opaque(conf, &counts);
  char why[256];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!producer) {
    std::fprintf(stderr, "error: cannot make a producer: %s\n", why);
    std::exit(1);
  }
  return producer;
}

void produce(rd_kafka_t* producer, rd_kafka_topic_t* topic, int64_t count,
             const std::string& message) {
  for (int64_t sent = 0; sent < count;) {
    if (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, const_cast<char*>(message.data()),
                         message.size(), nullptr, 0, nullptr) == 0) {
      ++sent;
    } else {
      rd_kafka_poll(producer, 10);  // the queue is full
    }
    if (sent % 1024 == 0) rd_kafka_poll(producer, 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: produce_bench mock|HOST:PORT TOPIC COUNT MESSAGE_BYTES ACKS\n");
    return 2;
  }
  const int64_t count = std::atoll(argv[3]);
  const std::string message(std::strtoull(argv[4], nullptr, 10), 'x');
  Counts counts;
  rd_kafka_t* producer = make_producer(argv[1], argv[5], counts);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, argv[2], nullptr);

  // The connection and the topic stand before the clock starts.
  produce(producer, topic, 1000, message);
  rd_kafka_flush(producer, 30'000);
  const Counts warm_up = counts;

  const ticklake::base::SystemClock clock;
  const auto start = clock.monotonic_now();
  produce(producer, topic, count, message);
  rd_kafka_flush(producer, 120'000);
  const std::chrono::duration<double> elapsed = clock.monotonic_now() - start;
  const int64_t acknowledged = counts.acknowledged - warm_up.acknowledged;

  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  std::printf("{\"messages\":%lld,\"failed\":%lld,\"seconds\":%.3f,\"per_second\":%.0f}\n",
              static_cast<long long>(acknowledged), static_cast<long long>(counts.failed),
              elapsed.count(), static_cast<double>(acknowledged) / elapsed.count());
  return acknowledged == count ? 0 : 1;
}
