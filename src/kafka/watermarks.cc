#include "kafka/watermarks.h"

#include <algorithm>
#include <memory>

#include <librdkafka/rdkafka.h>

#include "kafka/client_error.h"

namespace ticklake::kafka {
namespace {

struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

/// `which` is what ListOffsets takes for a time: RD_KAFKA_OFFSET_BEGINNING or RD_KAFKA_OFFSET_END.
/// (rd_kafka_query_watermark_offsets of librdkafka 2.0 waits a minute for a leader that is away,
/// whatever its timeout is.)
base::Result<int64_t> query_end(rd_kafka_t* client, const std::string& topic, int32_t partition,
                                int64_t which, std::chrono::milliseconds timeout) {
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* const item =
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  item->offset = which;
  rd_kafka_resp_err_t error =
      rd_kafka_offsets_for_times(client, list.get(), static_cast<int>(timeout.count()));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = item->err;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return item->offset;
  base::Error failure = client_error(
      error, "cannot ask for the offsets of " + topic + "/" + std::to_string(partition));
  failure.retriable = true;
  return tl::unexpected(std::move(failure));
}

}  // namespace

base::Result<Watermarks> query_watermarks(rd_kafka_t* client, const std::string& topic,
                                          int32_t partition, std::chrono::milliseconds timeout) {
  const auto half = std::max(timeout / 2, std::chrono::milliseconds(1));
  Watermarks marks;
  TICKLAKE_ASSIGN(marks.begin,
                  query_end(client, topic, partition, RD_KAFKA_OFFSET_BEGINNING, half));
  TICKLAKE_ASSIGN(marks.end, query_end(client, topic, partition, RD_KAFKA_OFFSET_END, half));
  return marks;
}

}  // namespace ticklake::kafka
