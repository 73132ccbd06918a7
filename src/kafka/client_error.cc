#include "kafka/client_error.h"

#include <array>

#include <librdkafka/rdkafka.h>

namespace ticklake::kafka {
namespace {

constexpr size_t kErrorTextBytes = 512;

base::ErrorCode code_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE: return base::ErrorCode::kUnavailable;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT: return base::ErrorCode::kTimeout;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return base::ErrorCode::kInvalidData;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return base::ErrorCode::kAlreadyExists;
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND: return base::ErrorCode::kNotFound;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION: return base::ErrorCode::kUnsupported;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR__INVALID_ARG: return base::ErrorCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return base::ErrorCode::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION: return base::ErrorCode::kPermission;
    default: return base::ErrorCode::kIo;
  }
}

// What goes wrong comes back from the calls; librdkafka's own lines on stderr would only repeat it.
void drop_log_line(const rd_kafka_t*, int, const char*, const char*) {}
void drop_error(rd_kafka_t*, int, const char*, void*) {}

}  // namespace

base::Error client_error(int code, std::string what) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  return {code_of(error), std::move(what), rd_kafka_err2str(error), {}, false};
}

base::Error unreachable_error(const std::string& brokers) {
  return {.code = base::ErrorCode::kUnavailable,
          .what = "no Kafka broker answers at " + brokers,
          .cause = "nothing listens there, or it does not speak the Kafka protocol",
          .advice = "start one with `ticklake broker`, or give its address with --kafka HOST:PORT",
          .retriable = true};
}

base::Result<rd_kafka_conf_s*> make_client_conf(
    const std::vector<std::pair<std::string, std::string>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, drop_log_line);
  rd_kafka_conf_set_error_cb(conf, drop_error);
  std::array<char, kErrorTextBytes> text{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return base::fail(base::ErrorCode::kInvalidArgument, "set up the Kafka client", text.data());
    }
  }
  return conf;
}

base::Result<rd_kafka_s*> make_client(rd_kafka_conf_s* conf, bool is_producer) {
  std::array<char, kErrorTextBytes> text{};
  rd_kafka_t* client = rd_kafka_new(is_producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf,
                                    text.data(), text.size());
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    return base::fail(base::ErrorCode::kIo, "start a Kafka client", text.data());
  }
  return client;
}

}  // namespace ticklake::kafka
