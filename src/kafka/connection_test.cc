#include "kafka/connection.h"

#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kafka/messages/all.h"
#include "kafka/mock_cluster.h"
#include "kafka/record_batch.h"

namespace ticklake::kafka {
namespace {

using namespace std::chrono_literals;
using base::Bytes;

constexpr auto kTimeout = 5000ms;

/// Listens on a free port and hands one connection's descriptor to `serve`, on a thread.
class Peer {
 public:
  template <typename Serve>
  explicit Peer(Serve serve) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    endpoint_ = {"127.0.0.1", ntohs(address.sin_port)};
    thread_ = std::jthread([this, serve] {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      serve(connection);
      ::close(connection);
    });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  const base::Endpoint& endpoint() const { return endpoint_; }

 private:
  int listener_;
  base::Endpoint endpoint_;
  std::jthread thread_;
};

/// The next request on the connection, without its length; empty at the end.
Bytes receive_request(int connection) {
  std::byte length[4];
  if (::recv(connection, length, sizeof length, MSG_WAITALL) != sizeof length) return {};
  Bytes bytes(base::load_big_endian<uint32_t>(length));
  EXPECT_EQ(::recv(connection, bytes.data(), bytes.size(), MSG_WAITALL),
            static_cast<ssize_t>(bytes.size()));
  return bytes;
}

template <typename Response>
void answer(int connection, const Request& request, const Response& response) {
  const Bytes bytes =
      response_frame(request.header.correlation_id, response, request.header.api_version)
          .flattened();
  EXPECT_EQ(::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

/// A broker that knows one topic, and Metadata up to `metadata_version_max`.
void serve_one_topic(int connection, base::Uuid id, int16_t metadata_version_max) {
  for (Bytes bytes = receive_request(connection); !bytes.empty();
       bytes = receive_request(connection)) {
    const auto request = parse_request(bytes);
    if (request->header.api_key == ApiKey::kApiVersions) {
      ApiVersionsResponse versions;
      versions.api_keys.push_back({3, 0, metadata_version_max});
      answer(connection, *request, versions);
      continue;
    }
    const auto asked = decode<MetadataRequest>(request->body, request->header.api_version);
    EXPECT_FALSE(asked->allow_auto_topic_creation);
    MetadataResponse response;
    for (const auto& topic : *asked->topics) {
      const bool is_known = topic.name == "trades";
      MetadataResponse::Topic& answered = response.topics.emplace_back();
      answered.name = topic.name;
      if (is_known) answered.topic_id = id;
      if (!is_known) answered.error_code = ErrorCode::kUnknownTopicOrPartition;
    }
    answer(connection, *request, response);
  }
}

base::Endpoint endpoint_of(const MockCluster& cluster) {
  return base::Endpoint::parse(cluster.brokers()).value();
}

TEST(TopicIds, are_what_the_broker_says) {
  base::Random random(5);
  const base::Uuid id = base::Uuid::random(random);
  const Peer peer([id](int connection) { serve_one_topic(connection, id, 12); });
  const auto ids = fetch_topic_ids(peer.endpoint(), std::vector<std::string>{"trades"}, kTimeout);
  ASSERT_TRUE(ids) << to_text(ids.error());
  EXPECT_EQ(ids->at("trades"), id);
}

TEST(TopicIds, a_topic_that_does_not_exist_is_named) {
  const Peer peer([](int connection) { serve_one_topic(connection, {}, 12); });
  const auto ids =
      fetch_topic_ids(peer.endpoint(), std::vector<std::string>{"trades", "nope"}, kTimeout);
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(ids.error().what.find("'nope'"), std::string::npos);
}

TEST(TopicIds, are_zero_where_the_broker_is_older_than_they_are) {
  MockCluster cluster;  // librdkafka 2.0's mock speaks Metadata up to version 9 at most
  cluster.create_topic("trades", 1);
  const auto ids =
      fetch_topic_ids(endpoint_of(cluster), std::vector<std::string>{"trades"}, kTimeout);
  ASSERT_TRUE(ids) << to_text(ids.error());
  EXPECT_TRUE(ids->at("trades").is_zero());
}

TEST(Connection, librdkafkas_mock_broker_keeps_and_gives_back_what_our_messages_carry) {
  MockCluster cluster;
  cluster.create_topic("trades", 1);
  auto connection = Connection::open(endpoint_of(cluster), kTimeout);
  ASSERT_TRUE(connection) << to_text(connection.error());

  const auto metadata_version = connection->newest_version(kMetadataApi);
  ASSERT_TRUE(metadata_version) << to_text(metadata_version.error());
  const auto metadata = connection->request(MetadataRequest{}, *metadata_version);
  ASSERT_TRUE(metadata) << to_text(metadata.error());
  ASSERT_EQ(metadata->topics.size(), 1u);
  EXPECT_EQ(metadata->topics[0].name, "trades");

  const std::vector<RecordToWrite> records{{1'700'000'000'000, "AAPL", R"({"price":1})", {}}};
  const auto batch = write_batch({.codec = Codec::kZstd, .records = records});
  ProduceRequest produce;
  produce.acks = -1;
  produce.timeout_ms = 1000;
  produce.topic_data.push_back({"trades", {{.index = 0, .records = base::ByteView(*batch)}}});
  const auto produce_version = connection->newest_version(kProduceApi);
  const auto produced = connection->request(produce, *produce_version);
  ASSERT_TRUE(produced) << to_text(produced.error());
  EXPECT_EQ(produced->responses.at(0).partition_responses.at(0).error_code, ErrorCode::kNone);

  FetchRequest fetch;
  fetch.max_wait_ms = 1000;
  fetch.min_bytes = 1;
  fetch.topics.emplace_back().topic = "trades";
  fetch.topics[0].partitions.emplace_back().partition_max_bytes = 1 << 20;
  const auto fetch_version = connection->newest_version(kFetchApi);
  const auto fetched = connection->request(fetch, *fetch_version);
  ASSERT_TRUE(fetched) << to_text(fetched.error());
  const auto& partition = fetched->responses.at(0).partitions.at(0);
  const auto read = BatchRecords::read(partition.records.decoded(), 1 << 20);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->records()[0].key, "AAPL");
}

TEST(Connection, nobody_listening_is_an_error_at_once) {
  base::Endpoint endpoint;
  {
    const Peer peer([](int) {});
    endpoint = peer.endpoint();
  }
  const auto connection = Connection::open(endpoint, kTimeout);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, base::ErrorCode::kUnavailable);
}

TEST(Connection, a_server_that_says_nothing_is_a_timeout) {
  const Peer peer([](int connection) {
    std::byte one;
    while (::recv(connection, &one, 1, 0) > 0) {
    }
  });
  auto connection = Connection::open(peer.endpoint(), 50ms);
  ASSERT_TRUE(connection);
  const auto version = connection->newest_version(kMetadataApi);
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, base::ErrorCode::kTimeout);
  connection = base::fail(base::ErrorCode::kIo, "closed");  // lets the peer end
}

TEST(Connection, a_server_of_another_protocol_is_told_apart_before_memory_is_taken) {
  const Peer peer([](int connection) {
    const std::string_view text = "HTTP/1.1 400 Bad Request\r\n";
    EXPECT_GT(::send(connection, text.data(), text.size(), MSG_NOSIGNAL), 0);
    std::byte one;
    while (::recv(connection, &one, 1, 0) > 0) {
    }
  });
  auto connection = Connection::open(peer.endpoint(), kTimeout);
  const auto version = connection->newest_version(kMetadataApi);
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, base::ErrorCode::kInvalidData);
  EXPECT_FALSE(version.error().advice.empty());
  connection = base::fail(base::ErrorCode::kIo, "closed");
}

}  // namespace
}  // namespace ticklake::kafka
