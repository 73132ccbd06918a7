#pragma once

// What the bench programs share: a librdkafka client by its settings, and messages to send.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace ticklake::bench {

using Settings = std::vector<std::pair<std::string, std::string>>;
using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Topic = std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)>;

/// Called by rd_kafka_poll for each message that is acknowledged or given up.
using Delivered = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

/// `target` is HOST:PORT, or "mock" for librdkafka's own cluster in this process, which stores
/// nothing. Ends the program if a setting is wrong.
inline Client make_client(rd_kafka_type_t type, const std::string& target, Settings settings,
                          Delivered delivered = nullptr, void* opaque = nullptr) {
  settings.emplace_back(target == "mock"
                            ? std::pair<std::string, std::string>("test.mock.num.brokers", "1")
                            : std::pair<std::string, std::string>("bootstrap.servers", target));
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[256];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
      fail(name + "=" + value + ": " + why);
    }
  }
  if (delivered) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, opaque);
  rd_kafka_t* client = rd_kafka_new(type, conf, why, sizeof why);
  if (!client) fail(std::string("cannot make a client: ") + why);
  return {client, rd_kafka_destroy};
}

inline Topic open_topic(const Client& client, const std::string& name) {
  return {rd_kafka_topic_new(client.get(), name.c_str(), nullptr), rd_kafka_topic_destroy};
}

/// Messages of exactly `bytes` bytes that compress as trades in JSON do: the names repeat, the
/// numbers do not. They are the same in every run.
inline std::vector<std::string> make_messages(size_t bytes, size_t count) {
  uint64_t state = 42;
  const auto next = [&state] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  };
  std::vector<std::string> messages(count);
  for (std::string& message : messages) {
    while (message.size() < bytes) {
      message += "{\"symbol\":\"S" + std::to_string(next() % 500) +
                 "\",\"price\":" + std::to_string(next() % 1000) + "." +
                 std::to_string(next() % 100) + ",\"size\":" + std::to_string(next() % 10000) +
                 ",\"seq\":" + std::to_string(next()) + "}";
    }
    message.resize(bytes);
  }
  return messages;
}

}  // namespace ticklake::bench
