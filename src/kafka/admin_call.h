#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "kafka/admin.h"
#include "kafka/client_error.h"

namespace ticklake::kafka {

// For the admin sources of this module only: it brings librdkafka's header along.

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
template <typename T, auto destroy>
using Owned = std::unique_ptr<T, Destroy<destroy>>;

using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

/// Makes one call of librdkafka's Admin API, `call(client, options, queue)`, and waits for its
/// result. `what` names it in an error.
template <typename Call>
base::Result<Event> admin_call(const Admin& admin, const std::string& what, Call&& call) {
  // librdkafka gives up after the timeout by itself; this is for its own delays.
  constexpr int kGraceMs = 500;
  const auto timeout_ms = static_cast<int>(admin.timeout().count());
  std::array<char, 512> text{};
  const Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy> options(
      rd_kafka_AdminOptions_new(admin.client(), RD_KAFKA_ADMIN_OP_ANY));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, text.data(), text.size());
  const Owned<rd_kafka_queue_t, rd_kafka_queue_destroy> queue(rd_kafka_queue_new(admin.client()));
  call(admin.client(), options.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), timeout_ms + kGraceMs));
  if (!event) return base::fail(unreachable_error(admin.brokers()));
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
  if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT) {
    return base::fail(unreachable_error(admin.brokers()));
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    base::Error error = client_error(code, what);
    error.cause = rd_kafka_event_error_string(event.get());
    return base::fail(std::move(error));
  }
  return event;
}

/// The error of `what`, with the broker's own words if it gave some.
inline base::Error answered_error(int code, const std::string& what, const char* reason) {
  base::Error error = client_error(code, what);
  if (reason != nullptr && *reason != '\0') error.cause = reason;
  return error;
}

}  // namespace ticklake::kafka
