#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/broker_test_bed.h"
#include "broker/connection.h"
#include "broker/handlers/handlers.h"
#include "broker/security/authorizer.h"
#include "kafka/messages/all.h"

namespace ticklake::broker {
namespace {

using kafka::Acl;
using enum kafka::AclOperation;
using kafka::AclOperation;
using kafka::ApiKey;
using kafka::ResourceType;
using testing::HasSubstr;
using testing::Not;

/// A client in memory: the loop's part is played by the test.
class MemoryTransport final : public Transport {
 public:
  void read_some(Room room, ReadDone done) override {
    room_ = std::move(room);
    read_done_ = std::move(done);
  }
  void write(std::vector<base::Fragment> parts, WriteDone done) override {
    for (const base::Fragment& part : parts) {
      const auto bytes = std::get<base::ByteView>(part);
      written_.insert(written_.end(), bytes.begin(), bytes.end());
    }
    write_done_ = std::move(done);
  }
  void close() override { is_closed_ = true; }
  std::string client_host() const override { return "127.0.0.1"; }
  base::Endpoint local() const override { return {"127.0.0.1", 9092}; }

  void send(base::ByteView bytes) {
    while (!bytes.empty() && read_done_) {
      const std::span<std::byte> into = room_();
      const size_t size = std::min(into.size(), bytes.size());
      std::copy_n(bytes.begin(), size, into.begin());
      bytes = bytes.subspan(size);
      std::exchange(read_done_, {})(size);
    }
  }
  /// What was written since the last call.
  base::Bytes take() {
    if (auto done = std::exchange(write_done_, {})) done({});
    return std::exchange(written_, {});
  }
  bool is_closed() const { return is_closed_; }
  /// The client is gone; that lets go of the connection, which owns this.
  void end() {
    write_done_ = {};
    const auto done = std::exchange(read_done_, {});
    if (done) done(base::fail(base::ErrorCode::kUnavailable, "the client is gone"));
  }

 private:
  Room room_;
  ReadDone read_done_;
  WriteDone write_done_;
  base::Bytes written_;
  bool is_closed_ = false;
};

/// A broker with a topic "trades" that authorizes, and a client without a name.
class Client {
 public:
  explicit Client(const std::vector<Acl>& acls, bool is_authorizing = true) {
    bed_.make_topic("trades");
    auto opened = Authorizer::open({}, bed_.files, bed_.folder.path() / "acls", bed_.clock,
                                   bed_.broker->logger());
    TICKLAKE_ASSERT(opened && (*opened)->add(acls));
    authorizer_ = std::move(*opened);
    const AuthenticationShare nobody_asks{
        {},
        bed_.broker->credentials(),
        base::system_secret_random(),
        [](const auto& work, const auto& done) { work(), done(); },
        [](auto, const auto& task) { task(); },
        bed_.broker->logger()};
    const ConnectionLimits limits;
    share_ = std::unique_ptr<ConnectionShare>(new ConnectionShare{
        *bed_.broker, limits, is_authorizing ? authorizer_.get() : nullptr, nobody_asks, [] {},
        InputMemory(limits.request_memory_max), MemoryBudget(limits.output_memory_max)});
    auto transport = std::make_unique<MemoryTransport>();
    transport_ = transport.get();
    connection_ = std::make_shared<Connection>(std::move(transport), listener_, *share_);
    connection_->start();
  }
  ~Client() { transport_->end(); }

  /// The response as text; empty if there is none for now, which is no refusal.
  template <typename Request>
  std::string call(const Request& request, int16_t version = Request::kApi.version_max) {
    called_.insert(Request::kApi.key);
    const kafka::RequestHeader header{Request::kApi.key, version, 7, "test"};
    transport_->send(kafka::request_frame(header, request).flattened());
    base::Bytes answer = transport_->take();
    for (int i = 0; i < 3 && answer.empty(); ++i) {
      bed_.sync();
      answer = transport_->take();
    }
    EXPECT_FALSE(transport_->is_closed()) << Request::kApi.name;
    if (answer.empty()) return {};
    const auto body =
        kafka::parse_response(base::ByteView(answer).subspan(4), Request::kApi, version, 7);
    TICKLAKE_ASSERT(body.has_value());
    const auto response = kafka::decode<typename Request::Response>(*body, version);
    TICKLAKE_ASSERT(response.has_value());
    return kafka::print(*response, version);
  }

  BrokerTestBed& bed() { return bed_; }
  Authorizer& authorizer() { return *authorizer_; }
  const std::set<ApiKey>& called() const { return called_; }

 private:
  BrokerTestBed bed_;
  std::unique_ptr<Authorizer> authorizer_;
  Listener listener_;
  std::unique_ptr<ConnectionShare> share_;
  MemoryTransport* transport_ = nullptr;  // the connection owns it
  std::shared_ptr<Connection> connection_;
  std::set<ApiKey> called_;
};

/// What a request needs, and what the client is told without it.
struct Need {
  Acl acl;
  std::string_view error;
};
Acl allow(ResourceType type, std::string name, AclOperation operation) {
  return {type,      kafka::PatternType::kLiteral, std::move(name), "User:ANONYMOUS", "*",
          operation, kafka::AclPermission::kAllow};
}
Need topic(AclOperation operation, std::string name = "trades") {
  return {allow(ResourceType::kTopic, std::move(name), operation), "TOPIC_AUTHORIZATION_FAILED"};
}
Need group(AclOperation operation) {
  return {allow(ResourceType::kGroup, "readers", operation), "GROUP_AUTHORIZATION_FAILED"};
}
Need transactional_id(AclOperation operation) {
  return {allow(ResourceType::kTransactionalId, "pipe", operation),
          "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"};
}
Need cluster(AclOperation operation) {
  return {allow(ResourceType::kCluster, std::string(kafka::kClusterName), operation),
          "CLUSTER_AUTHORIZATION_FAILED"};
}

/// `topic`: "trades", or another of that length that is not there.
using Call = std::function<std::string(Client&, const std::string& topic)>;
struct Case {
  const char* what;
  std::vector<Need> needs;
  Call call;
};

template <typename Request>
Call calling(std::function<void(Request&, const std::string& topic)> fill,
             int16_t version = Request::kApi.version_max) {
  return [fill, version](Client& client, const std::string& topic) {
    Request request;
    fill(request, topic);
    return client.call(request, version);
  };
}

std::vector<Case> reading_and_writing() {
  using namespace kafka;
  const auto produce = [](std::optional<std::string> id) {
    return calling<ProduceRequest>([id](ProduceRequest& r, const std::string& topic) {
      r.transactional_id = id;
      r.acks = -1;
      r.topic_data.push_back({topic, {{0, base::ByteView{}}}});
    });
  };
  const auto fetch = [](FetchRequest& r, const std::string& topic) {
    auto& wanted = r.topics.emplace_back();
    wanted.topic = topic;
    wanted.partitions.emplace_back();
  };
  return {
      {"Produce", {topic(kWrite)}, produce({})},
      {"Produce in a transaction", {transactional_id(kWrite), topic(kWrite)}, produce("pipe")},
      {"Fetch", {topic(kRead)}, calling<FetchRequest>(fetch, 12)},
      {"ListOffsets", {topic(kDescribe)}, calling<ListOffsetsRequest>([](auto& r, auto& topic) {
         r.topics.push_back({topic, {{0, -1, -1}}});
       })},
      {"Metadata", {topic(kDescribe)}, calling<MetadataRequest>([](auto& r, auto& topic) {
         r.topics = {{{{}, topic}}};
         r.allow_auto_topic_creation = false;
       })},
      {"OffsetForLeaderEpoch",
       {topic(kDescribe)},
       calling<OffsetForLeaderEpochRequest>([](auto& r, auto& topic) {
         r.topics.push_back({topic, {{0, -1, 0}}});
       })},
      {"DescribeProducers",
       {topic(kRead)},
       calling<DescribeProducersRequest>([](auto& r, auto& topic) {
         r.topics.push_back({topic, {0}});
       })},
      {"DescribeTopicPartitions",
       {topic(kDescribe)},
       calling<DescribeTopicPartitionsRequest>(
           [](auto& r, auto& topic) { r.topics.push_back({topic}); })},
  };
}

std::vector<Case> administration() {
  using namespace kafka;
  return {
      {"DeleteTopics", {topic(kDelete)}, calling<DeleteTopicsRequest>([](auto& r, auto& topic) {
         r.topics.push_back({topic, {}});
       })},
      {"DeleteRecords", {topic(kDelete)}, calling<DeleteRecordsRequest>([](auto& r, auto& topic) {
         r.topics.push_back({topic, {{0, -1}}});
       })},
      {"CreatePartitions",
       {topic(kAlter)},
       calling<CreatePartitionsRequest>([](auto& r, auto& topic) {
         r.topics.push_back({topic, 3, std::nullopt});
       })},
      {"DescribeConfigs",
       {topic(kDescribeConfigs)},
       calling<DescribeConfigsRequest>([](auto& r, auto& topic) {
         r.resources.push_back({2, topic, std::nullopt});
       })},
      {"DescribeConfigs of the broker",
       {cluster(kDescribeConfigs)},
       calling<DescribeConfigsRequest>([](auto& r, auto&) {
         r.resources.push_back({4, "1", std::nullopt});
       })},
      {"AlterConfigs", {topic(kAlterConfigs)}, calling<AlterConfigsRequest>([](auto& r, auto& t) {
         r.resources.push_back({2, t, {}});
       })},
      {"IncrementalAlterConfigs",
       {topic(kAlterConfigs)},
       calling<IncrementalAlterConfigsRequest>([](auto& r, auto& topic) {
         r.resources.push_back({2, topic, {}});
       })},
      {"IncrementalAlterConfigs of the broker",
       {cluster(kAlterConfigs)},
       calling<IncrementalAlterConfigsRequest>([](auto& r, auto&) {
         r.resources.push_back({4, "1", {}});
       })},
      {"DescribeLogDirs", {cluster(kDescribe)}, calling<DescribeLogDirsRequest>([](auto&, auto&) {
       })},
      {"DescribeAcls", {cluster(kDescribe)}, calling<DescribeAclsRequest>([](auto& r, auto&) {
         r.resource_type_filter = r.pattern_type_filter = r.operation = r.permission_type = 1;
       })},
      {"CreateAcls", {cluster(kAlter)}, calling<CreateAclsRequest>([](auto& r, auto& topic) {
         r.creations.push_back({2, topic, 3, "User:bob", "*", 3, 3});
       })},
      {"DescribeClientQuotas",
       {cluster(kDescribeConfigs)},
       calling<DescribeClientQuotasRequest>([](auto&, auto&) {})},
      {"AlterClientQuotas",
       {cluster(kAlterConfigs)},
       calling<AlterClientQuotasRequest>([](auto& r, auto&) {
         r.entries.push_back({{{"user", "bob"}}, {{"producer_byte_rate", 1000.0, false}}});
       })},
      {"DescribeUserScramCredentials",
       {cluster(kDescribe)},
       calling<DescribeUserScramCredentialsRequest>([](auto&, auto&) {})},
      {"AlterUserScramCredentials",
       {cluster(kAlter)},
       calling<AlterUserScramCredentialsRequest>([](auto& r, auto&) {
         r.deletions.push_back({"bob", 1});
       })},
      {"DeleteAcls", {cluster(kAlter)}, calling<DeleteAclsRequest>([](auto& r, auto& topic) {
         r.filters.push_back({2, topic, 3, "User:bob", {}, 1, 1});
       })},
  };
}

std::vector<Case> groups() {
  using namespace kafka;
  const auto of_readers = [](auto& r, auto&) { r.group_id = "readers"; };
  const auto fetch_one = [](OffsetFetchRequest& r, const std::string& topic) {
    r.group_id = "readers";
    r.topics = {{{topic, {0}}}};
  };
  return {
      {"OffsetCommit",
       {group(kRead), topic(kRead)},
       calling<OffsetCommitRequest>([](auto& r, auto& topic) {
         r.group_id = "readers";
         r.topics.push_back({topic, {{0, 5, -1, std::nullopt}}});
       })},
      {"OffsetFetch 1",
       {group(kDescribe), topic(kDescribe)},
       calling<OffsetFetchRequest>(fetch_one, 1)},
      {"OffsetFetch 7",
       {group(kDescribe), topic(kDescribe)},
       calling<OffsetFetchRequest>(fetch_one, 7)},
      {"OffsetFetch",
       {group(kDescribe), topic(kDescribe)},
       calling<OffsetFetchRequest>([](auto& r, auto& topic) {
         auto& asked = r.groups.emplace_back();
         asked.group_id = "readers";
         asked.topics = {{{topic, {0}}}};
       })},
      {"OffsetDelete",
       {group(kDelete), topic(kRead)},
       calling<OffsetDeleteRequest>([](auto& r, auto& topic) {
         r.group_id = "readers";
         r.topics.push_back({topic, {{0}}});
       })},
      {"FindCoordinator 3",
       {group(kDescribe)},
       calling<FindCoordinatorRequest>([](auto& r, auto&) { r.key = "readers"; }, 3)},
      {"FindCoordinator", {group(kDescribe)}, calling<FindCoordinatorRequest>([](auto& r, auto&) {
         r.coordinator_keys = {"readers"};
       })},
      {"JoinGroup", {group(kRead)}, calling<JoinGroupRequest>(of_readers)},
      {"Heartbeat", {group(kRead)}, calling<HeartbeatRequest>(of_readers)},
      {"LeaveGroup", {group(kRead)}, calling<LeaveGroupRequest>(of_readers)},
      {"SyncGroup", {group(kRead)}, calling<SyncGroupRequest>(of_readers)},
      {"ConsumerGroupHeartbeat",
       {group(kRead), topic(kDescribe)},
       calling<ConsumerGroupHeartbeatRequest>([](auto& r, auto& topic) {
         r.group_id = "readers";
         r.member_id = "one";
         r.rebalance_timeout_ms = 1000;
         r.subscribed_topic_names = {{topic}};
         r.topic_partitions.emplace();
       })},
      {"ConsumerGroupDescribe",
       {group(kDescribe)},
       calling<ConsumerGroupDescribeRequest>([](auto& r, auto&) { r.group_ids = {"readers"}; })},
      {"DescribeGroups", {group(kDescribe)}, calling<DescribeGroupsRequest>([](auto& r, auto&) {
         r.groups = {"readers"};
       })},
      {"DeleteGroups", {group(kDelete)}, calling<DeleteGroupsRequest>([](auto& r, auto&) {
         r.groups_names = {"readers"};
       })},
  };
}

std::vector<Case> transactions() {
  using namespace kafka;
  Need some_topic = topic(kWrite, "some");
  some_topic.error = "CLUSTER_AUTHORIZATION_FAILED";
  const auto nothing = [](auto&, auto&) {};
  const auto of_pipe = [](auto& r, auto&) { r.transactional_id = "pipe"; };
  return {
      {"InitProducerId", {some_topic}, calling<InitProducerIdRequest>(nothing)},
      {"InitProducerId by the cluster",
       {cluster(kIdempotentWrite)},
       calling<InitProducerIdRequest>(nothing)},
      {"InitProducerId of a transaction",
       {transactional_id(kWrite)},
       calling<InitProducerIdRequest>(of_pipe)},
      {"FindCoordinator of a transaction",
       {transactional_id(kDescribe)},
       calling<FindCoordinatorRequest>([](auto& r, auto&) {
         r.key_type = 1;
         r.coordinator_keys = {"pipe"};
       })},
      {"AddPartitionsToTxn",
       {transactional_id(kWrite), topic(kWrite)},
       calling<AddPartitionsToTxnRequest>([](auto& r, auto& topic) {
         r.transactional_id = "pipe";
         r.topics.push_back({topic, {0}});
       })},
      {"AddOffsetsToTxn",
       {transactional_id(kWrite), group(kRead)},
       calling<AddOffsetsToTxnRequest>([](auto& r, auto&) {
         r.transactional_id = "pipe";
         r.group_id = "readers";
       })},
      {"EndTxn", {transactional_id(kWrite)}, calling<EndTxnRequest>(of_pipe)},
      {"TxnOffsetCommit",
       {transactional_id(kWrite), group(kRead), topic(kRead)},
       calling<TxnOffsetCommitRequest>([](auto& r, auto& topic) {
         r.transactional_id = "pipe";
         r.group_id = "readers";
         r.topics.push_back({topic, {{0, 5, -1, std::nullopt}}});
       })},
      {"DescribeTransactions",
       {transactional_id(kDescribe)},
       calling<DescribeTransactionsRequest>(
           [](auto& r, auto&) { r.transactional_ids = {"pipe"}; })},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto& some : {reading_and_writing(), administration(), groups(), transactions()})
    all.insert(all.end(), some.begin(), some.end());
  all.push_back({"CreateTopics",
                 {topic(kCreate, "newest"), topic(kDescribeConfigs, "newest")},
                 calling<kafka::CreateTopicsRequest>([](auto& r, auto&) {
                   r.topics.push_back({"newest", 1, 1, {}, {}});
                 })});
  all.push_back({"Metadata that makes a topic",
                 {topic(kDescribe, "newest"), topic(kCreate, "newest")},
                 calling<kafka::MetadataRequest>([](auto& r, auto&) {
                   r.topics = {{{{}, "newest"}}};
                 })});
  return all;
}

TEST(Authorization, each_request_needs_just_what_kafka_asks_for) {
  for (const Case& one : all_cases()) {
    std::vector<Acl> acls;
    for (const Need& need : one.needs)
      acls.push_back(need.acl);
    Client allowed(acls);
    EXPECT_THAT(one.call(allowed, "trades"), Not(HasSubstr("AUTHORIZATION_FAILED"))) << one.what;
    for (const Need& left_out : one.needs) {
      std::vector<Acl> others = acls;
      std::erase(others, left_out.acl);
      Client denied(others);
      EXPECT_THAT(one.call(denied, "trades"), HasSubstr("\"" + std::string(left_out.error) + "\""))
          << one.what << " without " << name_of(left_out.acl.operation);
    }
  }
}

TEST(Authorization, whether_a_topic_exists_is_not_to_be_learnt) {
  for (const Case& one : all_cases()) {
    for (const Need& left_out : one.needs) {
      if (left_out.acl.resource_type != ResourceType::kTopic) continue;
      std::vector<Acl> others;
      for (const Need& need : one.needs) {
        if (need.acl.resource_type != ResourceType::kTopic) others.push_back(need.acl);
      }
      Client client(others);
      const std::string present = one.call(client, "trades");
      std::string absent = one.call(client, "absent");
      if (const size_t at = absent.find("absent"); at != std::string::npos) {
        absent.replace(at, 6, "trades");
      }
      EXPECT_EQ(present, absent) << one.what;
    }
  }
}

TEST(Authorization, an_api_that_nobody_checks_is_found_out) {
  std::set<ApiKey> checked{// these leave out what may not be seen: see the next tests
                           ApiKey::kListGroups, ApiKey::kListTransactions, ApiKey::kDescribeCluster,
                           // these tell nothing but what there is, and who one is
                           ApiKey::kApiVersions, ApiKey::kSaslHandshake, ApiKey::kSaslAuthenticate};
  for (const Case& one : all_cases()) {
    Client client({});
    one.call(client, "trades");
    checked.insert(client.called().begin(), client.called().end());
  }
  for (const HandlerEntry& entry : handler_entries())
    EXPECT_TRUE(checked.contains(entry.api.key)) << entry.api.name << ": add its case";
}

TEST(Authorization, lists_leave_out_what_may_not_be_described) {
  using namespace kafka;
  OffsetCommitRequest commit;
  commit.group_id = "readers";
  commit.topics.push_back({"trades", {{0, 5, -1, std::nullopt}}});
  OffsetFetchRequest all_offsets;
  all_offsets.groups.emplace_back().group_id = "readers";
  const std::vector<Acl> some{group(kRead).acl, topic(kRead).acl, transactional_id(kWrite).acl,
                              transactional_id(kDescribe).acl};
  Client client(some);
  client.bed().make_topic("quotes");
  client.call(commit);
  InitProducerIdRequest init;
  init.transactional_id = "pipe";
  init.transaction_timeout_ms = 1000;
  client.call(init);
  EXPECT_THAT(client.call(ListGroupsRequest{}), HasSubstr("readers"));
  EXPECT_THAT(client.call(ListTransactionsRequest{}), HasSubstr("pipe"));
  EXPECT_THAT(client.call(all_offsets), HasSubstr("trades"));
  for (const std::string& text :
       {client.call(MetadataRequest{}), client.call(DescribeTopicPartitionsRequest{})}) {
    EXPECT_THAT(text, HasSubstr("trades"));
    EXPECT_THAT(text, Not(HasSubstr("quotes")));
    EXPECT_THAT(text, Not(HasSubstr("AUTHORIZATION_FAILED")));
  }
  const std::vector<AclFilter> everything{{}};
  ASSERT_TRUE(client.authorizer().remove(everything));
  ASSERT_TRUE(client.authorizer().add(std::vector<Acl>{group(kDelete).acl}));
  EXPECT_THAT(client.call(all_offsets), Not(HasSubstr("trades")));
  ASSERT_TRUE(client.authorizer().remove(everything));
  EXPECT_THAT(client.call(ListGroupsRequest{}), Not(HasSubstr("readers")));
  EXPECT_THAT(client.call(ListTransactionsRequest{}), Not(HasSubstr("pipe")));
  EXPECT_THAT(client.call(MetadataRequest{}), Not(HasSubstr("trades")));
  ASSERT_TRUE(client.authorizer().add(std::vector<Acl>{cluster(kDescribe).acl}));
  EXPECT_THAT(client.call(ListGroupsRequest{}), HasSubstr("readers"));
}

TEST(Authorization, what_one_may_do_is_told_when_it_is_asked) {
  Client client({topic(kRead).acl, cluster(kDescribe).acl, group(kRead).acl});
  kafka::MetadataRequest metadata;
  metadata.topics = {{{{}, "trades"}}};
  metadata.include_topic_authorized_operations = true;
  metadata.include_cluster_authorized_operations = true;
  const std::string text = client.call(metadata, 10);
  EXPECT_THAT(text, HasSubstr("\"topic_authorized_operations\": 264"));
  EXPECT_THAT(text, HasSubstr("\"cluster_authorized_operations\": 256"));
  kafka::DescribeClusterRequest cluster_request;
  cluster_request.include_cluster_authorized_operations = true;
  EXPECT_THAT(client.call(cluster_request), HasSubstr("\"cluster_authorized_operations\": 256"));
  kafka::DescribeGroupsRequest describe;
  describe.groups = {"readers"};
  describe.include_authorized_operations = true;
  EXPECT_THAT(client.call(describe), HasSubstr("\"authorized_operations\": 264"));
  Client other({});
  EXPECT_THAT(other.call(cluster_request), HasSubstr("\"cluster_authorized_operations\": 0"));
}

TEST(Authorization, a_topic_is_fetched_by_id_only_by_its_readers_and_unknown_ids_are_no_secret) {
  for (const bool is_reader : {true, false}) {
    Client client(is_reader ? std::vector<Acl>{topic(kRead).acl} : std::vector<Acl>{});
    kafka::FetchRequest request;
    auto& wanted = request.topics.emplace_back();
    wanted.topic_id = client.bed().logs->find("trades")->id;
    wanted.partitions.emplace_back();
    const std::string text = client.call(request);
    EXPECT_EQ(text.find("TOPIC_AUTHORIZATION_FAILED") == std::string::npos, is_reader) << text;
    wanted.topic_id.bytes[0] ^= std::byte{1};
    EXPECT_THAT(client.call(request), HasSubstr("UNKNOWN_TOPIC_ID"));
  }
}

TEST(Authorization, acls_are_administrated_only_where_something_is_authorized) {
  Client client({}, false);
  EXPECT_THAT(client.call(kafka::DescribeAclsRequest{}), HasSubstr("SECURITY_DISABLED"));
  kafka::CreateAclsRequest create;
  create.creations.push_back({2, "trades", 3, "User:bob", "*", 3, 3});
  EXPECT_THAT(client.call(create), HasSubstr("SECURITY_DISABLED"));
  kafka::DeleteAclsRequest remove;
  remove.filters.emplace_back();
  EXPECT_THAT(client.call(remove), HasSubstr("SECURITY_DISABLED"));
}

TEST(Authorization, an_acl_without_a_meaning_is_refused_and_holds_up_no_other) {
  Client client({cluster(kAll).acl});
  kafka::CreateAclsRequest create;
  create.creations = {
      {2, "trades", 3, "User:bob", "*", 3, 3}, {1, "trades", 3, "User:bob", "*", 3, 3},
      {9, "trades", 3, "User:bob", "*", 3, 3}, {2, "trades", 1, "User:bob", "*", 3, 3},
      {2, "trades", 3, "bob", "*", 3, 3},      {2, "trades", 3, "User:bob", "", 3, 3},
      {2, "", 3, "User:bob", "*", 3, 3},       {2, "trades", 3, "User:bob", "*", 1, 3},
      {2, "trades", 3, "User:bob", "*", 3, 1}, {4, "trades", 3, "User:bob", "*", 3, 3}};
  const std::string text = client.call(create);
  size_t refused = 0;
  for (size_t at = text.find("INVALID_REQUEST"); at != std::string::npos;
       at = text.find("INVALID_REQUEST", at + 1))
    ++refused;
  EXPECT_EQ(refused, create.creations.size() - 1);
  EXPECT_EQ(client.authorizer().matching({.principal = "User:bob"}).size(), 1u);
  kafka::DescribeAclsRequest describe;  // of type 0
  EXPECT_THAT(client.call(describe), HasSubstr("INVALID_REQUEST"));
}

}  // namespace
}  // namespace ticklake::broker
