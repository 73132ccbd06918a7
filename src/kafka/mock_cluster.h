#pragma once

#include <string>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/assert.h"

namespace ticklake::kafka {

/// librdkafka's in-process cluster of one broker, which keeps records in memory; for tests.
class MockCluster {
 public:
  MockCluster() {
    char text[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    TICKLAKE_ASSERT(client_ != nullptr);
    cluster_ = rd_kafka_mock_cluster_new(client_, 1);
    TICKLAKE_ASSERT(cluster_ != nullptr);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(client_);
  }

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void create_topic(const std::string& name, int partitions) {
    rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1);
  }
  void set_broker_up(bool up) {
    if (up) rd_kafka_mock_broker_set_up(cluster_, 1);
    if (!up) rd_kafka_mock_broker_set_down(cluster_, 1);
  }

 private:
  rd_kafka_t* client_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace ticklake::kafka
