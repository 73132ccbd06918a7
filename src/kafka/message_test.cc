#include "kafka/message.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "kafka/message_filler.h"
#include "kafka/messages/all.h"

namespace ticklake::kafka {
namespace {

using base::Bytes;
using base::ByteView;
using base::ByteWriter;

/// Calls `check(message type, version)` for every request and response at every version.
template <typename Check>
void for_every_message(Check check) {
  const auto for_versions = [&]<typename Message>(std::type_identity<Message> type) {
    for (int16_t v = Message::kApi.version_min; v <= Message::kApi.version_max; ++v)
      check(type, v);
  };
  [&]<typename... Requests>(std::type_identity<std::tuple<Requests...>>) {
    (for_versions(std::type_identity<Requests>()), ...);
    (for_versions(std::type_identity<typename Requests::Response>()), ...);
  }(std::type_identity<AllRequests>());
}

template <typename Message>
Message random_message(base::Random& random, int16_t version) {
  Message message;
  MessageFiller filler(random, version);
  Message::describe(filler, message);
  return message;
}

template <typename Message>
Bytes encoded(const Message& message, int16_t version) {
  ByteWriter to;
  encode(message, version, to);
  return to.take();
}

TEST(Message, every_message_reads_back_as_it_was_written_at_every_version) {
  base::Random random(1);
  int messages = 0;
  for_every_message([&]<typename Message>(std::type_identity<Message>, int16_t version) {
    ++messages;
    for (int i = 0; i < 30; ++i) {
      const auto message = random_message<Message>(random, version);
      const Bytes bytes = encoded(message, version);
      const auto read = decode<Message>(bytes, version);
      ASSERT_TRUE(read) << to_line(read.error());
      ASSERT_EQ(print(*read, version), print(message, version));
      ASSERT_EQ(encoded(*read, version), bytes) << print(message, version);
    }
  });
  const int topic_ids = 4;  // of Fetch
  const int administration = 6 + 6 + 3 + 1 + 4 + 3 + 2 + 4 + 3 + 4 + 2 + 1;
  const int transactional = 4 + 4 + 5 + 5 + 1 + 1 + 2;
  const int acls = 3 + 3 + 3;
  const int consumer_groups = 2 + 2;
  const int security = 2 + 3 + 2 + 2 + 1 + 1;
  EXPECT_EQ(messages,
            2 * (5 + 6 + 6 + 9 + 5 + 5 + 5 + 10 + 6 + 7 + 13 + 8 + 9 + 3 + 12 + 6 + topic_ids +
                 administration + transactional + acls + consumer_groups + security));
}

TEST(Message, a_message_cut_anywhere_is_an_error_and_never_read_past_its_end) {
  base::Random random(2);
  for_every_message([&]<typename Message>(std::type_identity<Message>, int16_t version) {
    const auto message = random_message<Message>(random, version);
    const Bytes bytes = encoded(message, version);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_FALSE(decode<Message>(cut, version)) << size << " of " << bytes.size();
    }
  });
}

TEST(Message, a_length_beyond_the_bytes_that_remain_is_refused_before_memory_is_taken) {
  ByteWriter body;
  body.big_endian(int32_t{0x7fffffff});  // topics
  const auto metadata = decode<MetadataRequest>(body.view(), 1);
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, base::ErrorCode::kInvalidData);
  EXPECT_EQ(metadata.error().cause, "topics does not parse");
}

/// A MetadataRequest of version 9 for `count` topics without a name's letter: two bytes each.
Bytes metadata_request_of(size_t count) {
  ByteWriter body;
  body.unsigned_varint(count + 1);
  for (size_t i = 0; i < count; ++i)
    body.big_endian(int16_t{0x0100});  // an empty name, no tagged fields
  body.append(Bytes(4));
  return body.take();
}

TEST(Message, a_request_whose_small_elements_would_be_large_in_memory_is_refused) {
  constexpr size_t kMany = 200'000;
  const auto fits = decode<MetadataRequest>(metadata_request_of(kMany), 9);
  ASSERT_TRUE(fits) << to_line(fits.error());
  EXPECT_EQ(fits->topics->size(), kMany);
  const auto refused = decode<MetadataRequest>(metadata_request_of(10 * kMany), 9);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, "topics has too many elements");
}

TEST(Message, the_bound_on_elements_is_of_all_arrays_together) {
  // Each topic alone is small.
  ByteWriter body;
  constexpr size_t kTopics = 500;
  constexpr size_t kPartitions = 1'000;
  body.unsigned_varint(1);  // an empty group id
  body.append(Bytes(4));    // generation
  body.unsigned_varint(1);  // an empty member id
  body.unsigned_varint(0);  // no instance id
  body.unsigned_varint(kTopics + 1);
  for (size_t i = 0; i < kTopics; ++i) {
    body.unsigned_varint(1);
    body.unsigned_varint(kPartitions + 1);
    body.append(Bytes(kPartitions * 18));
    body.unsigned_varint(0);
  }
  const auto refused = decode<OffsetCommitRequest>(body.view(), 8);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, "partitions has too many elements");
}

TEST(Message, a_string_that_is_longer_than_kafkas_longest_is_refused_in_every_version) {
  HeartbeatRequest heartbeat;
  heartbeat.group_id.assign(0x7fff, 'g');
  EXPECT_TRUE(decode<HeartbeatRequest>(encoded(heartbeat, 4), 4));
  heartbeat.group_id += 'g';
  EXPECT_FALSE(decode<HeartbeatRequest>(encoded(heartbeat, 4), 4));
}

TEST(Message, null_where_the_version_allows_none_is_an_error_that_names_the_field) {
  ByteWriter body;
  body.big_endian(int16_t{-1});
  const auto heartbeat = decode<HeartbeatRequest>(body.view(), 0);
  ASSERT_FALSE(heartbeat);
  EXPECT_EQ(heartbeat.error().cause, "group_id does not parse");
  EXPECT_FALSE(decode<MetadataRequest>(Bytes(4, std::byte{0xff}), 0));  // null list in version 0
  EXPECT_TRUE(decode<MetadataRequest>(Bytes(4, std::byte{0xff}), 1));
}

TEST(Message, a_struct_that_is_null_takes_one_byte) {
  DescribeTopicPartitionsRequest request;
  const size_t without = encoded(request, 0).size();
  request.cursor = {.topic_name = "t", .partition_index = 7};
  const Bytes with = encoded(request, 0);
  EXPECT_EQ(with.size(), without + 2 + 4 + 1);  // name, index, no tagged fields
  EXPECT_EQ(decode<DescribeTopicPartitionsRequest>(with, 0)->cursor->partition_index, 7);
}

TEST(Message, a_version_that_the_message_does_not_have_is_refused) {
  const auto fetch = decode<FetchRequest>({}, 17);
  ASSERT_FALSE(fetch);
  EXPECT_EQ(fetch.error().code, base::ErrorCode::kUnsupported);
}

TEST(Message, unknown_tagged_fields_are_skipped) {
  ByteWriter body;
  for (const char* text : {"name", "1.0"}) {
    body.unsigned_varint(std::string_view(text).size() + 1);
    body.append(base::as_bytes(text));
  }
  body.unsigned_varint(2);
  body.unsigned_varint(0);  // tag 0: two bytes
  body.unsigned_varint(2);
  body.big_endian(int16_t{99});
  body.unsigned_varint(70000);  // a tag beyond any that is described: none
  body.unsigned_varint(0);
  const auto request = decode<ApiVersionsRequest>(body.view(), 3);
  ASSERT_TRUE(request) << to_line(request.error());
  EXPECT_EQ(request->client_software_name, "name");
  EXPECT_EQ(request->client_software_version, "1.0");
}

TEST(Message, tagged_fields_are_written_only_when_they_say_something) {
  ApiVersionsResponse response;
  const size_t empty = encoded(response, 3).size();
  response.finalized_features_epoch = 0;  // not its default, which is -1
  EXPECT_EQ(encoded(response, 3).size(), empty + 1 + 1 + 8);
}

TEST(Message, a_large_payload_is_sent_without_being_copied) {
  const Bytes small(100, std::byte{'s'});
  const Bytes large(5000, std::byte{'l'});
  FetchResponse::Partition partition;
  partition.records.parts = {small, large, large};
  FetchResponse response;
  response.responses.push_back({"trades", {partition, partition}});
  for (const int16_t version : {4, 11, 12}) {
    const Frame frame = response_frame(7, response, version);
    ASSERT_EQ(frame.splices.size(), 4u);
    EXPECT_EQ(std::get<ByteView>(frame.splices[0].payload).data(), large.data());
    EXPECT_LT(frame.bytes.size(), 500u);

    const Bytes sent = frame.flattened();
    ASSERT_EQ(sent.size(), frame.size());
    EXPECT_EQ(static_cast<size_t>(base::load_big_endian<int32_t>(sent.data())), sent.size() - 4);
    const auto body = parse_response(ByteView(sent).subspan(4), kFetchApi, version, 7);
    ASSERT_TRUE(body) << to_line(body.error());
    const auto read = decode<FetchResponse>(*body, version);
    ASSERT_TRUE(read) << to_line(read.error());
    const RecordsChain& records = read->responses.at(0).partitions.at(1).records;
    ASSERT_EQ(records.size(), 10100u);
    EXPECT_EQ(records.decoded()[99], std::byte{'s'});
    EXPECT_EQ(records.decoded()[100], std::byte{'l'});
  }
}

TEST(Message, empty_records_of_a_fetch_have_length_zero) {
  FetchResponse response;
  response.responses.push_back({"t", {FetchResponse::Partition{}}});
  const Bytes bytes = encoded(response, 11);
  EXPECT_EQ(base::load_big_endian<int32_t>(bytes.data() + bytes.size() - 4), 0);
}

TEST(Message, produced_records_point_into_the_request) {
  const Bytes records(3000, std::byte{1});
  ProduceRequest request;
  request.topic_data.push_back({"trades", {{.index = 0, .records = ByteView(records)}}});
  const Bytes bytes = encoded(request, 9);
  const auto read = decode<ProduceRequest>(bytes, 9);
  ASSERT_TRUE(read) << to_line(read.error());
  const ByteView view = read->topic_data.at(0).partition_data.at(0).records.value();
  EXPECT_EQ(view.size(), records.size());
  EXPECT_GE(view.data(), bytes.data());
  EXPECT_LE(view.data() + view.size(), bytes.data() + bytes.size());
}

TEST(Message, prints_as_one_line_that_a_person_can_read) {
  ProduceRequest request;
  request.acks = -1;
  const Bytes records(61);
  request.topic_data.push_back({"tr\"ades\n", {{.index = 3, .records = ByteView(records)}}});
  EXPECT_EQ(print(request, 9),
            R"({"transactional_id": null, "acks": -1, "timeout_ms": 0, "topic_data": )"
            R"([{"name": "tr\"ades\u000a", "partition_data": )"
            R"([{"index": 3, "records": "61 bytes"}]}]})");
  EXPECT_EQ(
      print(HeartbeatResponse{.throttle_time_ms = 0, .error_code = ErrorCode::kRebalanceInProgress},
            0),
      R"({"error_code": "REBALANCE_IN_PROGRESS"})");
}

TEST(RequestHeader, reads_back_with_and_without_tagged_fields) {
  const HeartbeatRequest heartbeat{
      .group_id = "g", .generation_id = 5, .member_id = "m", .group_instance_id = std::nullopt};
  for (const int16_t version : {3, 4}) {
    const Frame frame =
        request_frame({.api_version = version, .correlation_id = 9, .client_id = "c"}, heartbeat);
    const Bytes bytes = frame.flattened();
    const auto request = parse_request(ByteView(bytes).subspan(4));
    ASSERT_TRUE(request) << to_line(request.error());
    EXPECT_EQ(request->header.api_key, ApiKey::kHeartbeat);
    EXPECT_EQ(request->header.api_version, version);
    EXPECT_EQ(request->header.correlation_id, 9);
    EXPECT_EQ(request->header.client_id, "c");
    const auto body = decode<HeartbeatRequest>(request->body, version);
    ASSERT_TRUE(body) << to_line(body.error());
    EXPECT_EQ(body->generation_id, 5);
  }
}

TEST(RequestHeader, the_bytes_are_those_of_the_example_in_the_format_documentation) {
  const HeartbeatRequest heartbeat{
      .group_id = "g", .generation_id = 5, .member_id = "m", .group_instance_id = std::nullopt};
  const Bytes bytes =
      request_frame({.api_version = 4, .correlation_id = 9, .client_id = "c"}, heartbeat)
          .flattened();
  constexpr std::string_view kExpected(
      "\x00\x00\x00\x16\x00\x0c\x00\x04\x00\x00\x00\x09\x00\x01\x63\x00"
      "\x02\x67\x00\x00\x00\x05\x02\x6d\x00\x00",
      26);
  EXPECT_EQ(base::as_text(bytes), kExpected);
}

TEST(RequestHeader, garbage_is_an_error) {
  EXPECT_FALSE(parse_request({}));
  EXPECT_FALSE(parse_request(base::as_bytes("GET / HTTP/1.1\r\n")));
}

TEST(ResponseHeader, that_of_api_versions_is_never_flexible) {
  const Bytes bytes = response_frame(1, ApiVersionsResponse{}, 3).flattened();
  // length, correlation id, then the body at once: error code 0, compact array of none
  EXPECT_EQ(bytes[8], std::byte{0});
  EXPECT_EQ(bytes[10], std::byte{1});
  const auto body = parse_response(ByteView(bytes).subspan(4), kApiVersionsApi, 3, 1);
  ASSERT_TRUE(body);
  EXPECT_TRUE(decode<ApiVersionsResponse>(*body, 3));
}

TEST(ResponseHeader, a_wrong_correlation_id_is_an_error) {
  const Bytes bytes = response_frame(1, HeartbeatResponse{}, 4).flattened();
  EXPECT_FALSE(parse_response(ByteView(bytes).subspan(4), kHeartbeatApi, 4, 2));
}

// The answer to an ApiVersions request of a version that we do not know, byte by byte.
TEST(ApiVersions, the_fallback_has_the_body_of_version_zero) {
  ApiVersionsResponse response;
  response.error_code = ErrorCode::kUnsupportedVersion;
  response.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 4});
  const Bytes expected{std::byte{0}, std::byte{35},                              // error code
                       std::byte{0}, std::byte{0},  std::byte{0}, std::byte{1},  // one API
                       std::byte{0}, std::byte{18}, std::byte{0}, std::byte{0},
                       std::byte{0}, std::byte{4}};
  EXPECT_EQ(encoded(response, 0), expected);
}

TEST(ErrorCode, has_the_name_and_the_class_that_kafka_gives_it) {
  EXPECT_EQ(name_of(ErrorCode::kOffsetOutOfRange), "OFFSET_OUT_OF_RANGE");
  EXPECT_EQ(name_of(static_cast<ErrorCode>(9999)), "UNKNOWN_SERVER_ERROR");
  EXPECT_TRUE(is_retriable(ErrorCode::kNotLeaderOrFollower));
  EXPECT_FALSE(is_retriable(ErrorCode::kMessageTooLarge));
  EXPECT_FALSE(is_retriable(ErrorCode::kUnknownServerError));
}

}  // namespace
}  // namespace ticklake::kafka
